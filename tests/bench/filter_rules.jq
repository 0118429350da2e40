# SPDX-License-Identifier: Apache-2.0
# The rules of a config's linux.seccomp as lines, which tests/bench/filter.c reads.
.linux.seccomp
| "default \(.defaultAction) \(.defaultErrnoRet // 1)",
  (.architectures[] | "arch \(.)"),
  (.syscalls[] | . as $rule | .names[]
    | "rule \($rule.action) \($rule.errnoRet // 1) \(.)"
      + ([$rule.args // [] | .[] | " \(.index) \(.op) \(.value) \(.valueTwo // 0)"] | add // ""))
