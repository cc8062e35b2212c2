# shellcheck shell=bash
# Waiting for workloads, and saying what is wrong with those that do not come up. Source after common.sh; uses kubectl and jq.

# rollout NAMESPACE SECONDS WORKLOAD...: waits until every pod of the workloads is of the newest kind and ready; dies otherwise.
rollout() {
  local namespace=$1 limit=$2 workload waiting=() failed=''; shift 2
  for workload; do
    kubectl -n "$namespace" rollout status "$workload" --timeout="${limit}s" >/dev/null 2>&1 & waiting+=("$!")
  done
  for workload; do
    wait "${waiting[0]}" || failed+=" $workload"
    waiting=("${waiting[@]:1}")
  done
  [ -n "$failed" ] || return 0
  explain "$namespace" >&2
  die "not ready after ${limit}s:$failed" "what is wrong with their pods is said above; cluster/kubectl.sh -n $namespace get pods"
}

# explain NAMESPACE: for each pod that is not ready: why each of its containers is not, its last words, and its last events.
explain() {
  local namespace=$1 pods pod container previous
  pods=$(kubectl -n "$namespace" get pods -o json --request-timeout=10s) || return 0
  jq -r '.items[] | select([.status.conditions[]? | select(.type == "Ready" and .status == "True")] | length == 0)
    | .metadata.name' <<<"$pods" | while read -r pod; do
    jq -r --arg pod "$pod" '.items[] | select(.metadata.name == $pod)
      | "pod \(.metadata.name) on \(.spec.nodeName // "no node"): \(.status.phase)"
        + ([.status.conditions[]? | select(.status == "False" and .type == "PodScheduled") | ", \(.reason): \(.message)"] | add // "")' <<<"$pods"
    jq -r --arg pod "$pod" '.items[] | select(.metadata.name == $pod) | (.status.initContainerStatuses // []) + (.status.containerStatuses // [])
      | .[] | select(.ready | not) | select(.state.terminated.exitCode != 0)
      | [.name, (if .restartCount > 0 then "1" else "" end),
         (if .state.waiting then "waiting: \(.state.waiting.reason)\(if .state.waiting.message then " (\(.state.waiting.message))" else "" end)"
          elif .state.terminated then "ended with \(.state.terminated.exitCode) (\(.state.terminated.reason))"
          else "runs, but does not say that it is ready" end
          + if .restartCount > 0 then ", restarted \(.restartCount) times" else "" end)] | join("\u001f")' <<<"$pods" \
      | while IFS=$'\x1f' read -r container previous state; do
        printf '  container %s: %s\n' "$container" "$state"
        { kubectl -n "$namespace" logs "$pod" -c "$container" --tail=8 --request-timeout=5s 2>/dev/null \
          || { [ -z "$previous" ] || kubectl -n "$namespace" logs "$pod" -c "$container" --previous --tail=8 --request-timeout=5s 2>/dev/null; } || true; } \
          | sed 's/^/    | /'
      done
    _events "$namespace" "$pod"
  done
  # Pods that could not even be made are told by their makers' events.
  [ "$(jq '.items | length' <<<"$pods")" != 0 ] || { echo "there is no pod in the namespace $namespace"; _events "$namespace" ''; }
}

_events() {
  kubectl -n "$1" get events -o json --request-timeout=5s 2>/dev/null \
    | jq -r --arg name "$2" '[.items[] | select(.type != "Normal" and ($name == "" or .involvedObject.name == $name))]
      | sort_by(.lastTimestamp // .eventTime) | .[-4:][] | "  event \(.reason): \(.message)"' || true
}
