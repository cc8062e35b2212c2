# Splits a cloud-config into files beneath `out`: hostname, passwords (user:password lines), bootcmd and runcmd (shell
# scripts). It knows as much YAML as such files have in practice: top-level keys, lists of plain or quoted strings, of
# [flow, sequences] and of block scalars.
function unquote(s) {
  sub(/^[ \t]+/, "", s); sub(/[ \t\r]+$/, "", s)
  if (s ~ /^".*"$/) { s = substr(s, 2, length(s) - 2); gsub(/\\"/, "\"", s); gsub(/\\n/, "\n", s); gsub(/\\\\/, "\\", s) }
  else if (s ~ /^'.*'$/) { s = substr(s, 2, length(s) - 2); gsub(/''/, "'", s) }
  return s
}
# Single-quoted for the shell. (Not gsub: awks differ in what a backslash in its replacement means.)
function shell(s,    parts, count, i, quoted) {
  count = split(s, parts, "'"); quoted = parts[1]
  for (i = 2; i <= count; i++) quoted = quoted "'\\''" parts[i]
  return "'" quoted "'"
}
# [a, "b, c"] -> 'a' 'b, c'; with each set, every item is a command of its own: one a line, not quoted.
function flow(s, each,    i, c, q, word, line) {
  s = substr(s, 2, length(s) - 2); q = ""; word = ""; line = ""
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (q != "") { word = word c; if (c == q) q = "" }
    else if (c == "\"" || c == "'") { q = c; word = word c }
    else if (c == ",") { line = line item(word, each); word = "" }
    else word = word c
  }
  return substr(line item(word, each), 2)
}
function item(word, each) { return each ? "\n" unquote(word) : " " shell(unquote(word)) }
function value(line) { sub(/^[^:]*:/, "", line); return unquote(line) }
function emit(key, text) { if (key == "bootcmd" || key == "runcmd") print text >(out "/" key) }

NR == 1 { user = "guest" }
/^[ \t]*#/ && !block { next }
/^[a-zA-Z_]+:/ {
  key = $0; sub(/:.*/, "", key); block = 0
  if (key == "hostname") print value($0) >(out "/hostname")
  else if (key == "user") { if (value($0) != "") user = value($0) }
  else if (key == "password") password = value($0)
  else if (value($0) ~ /^\[.*\]$/) emit(key, flow(value($0), 1))
  next
}
{ indent = match($0, /[^ ]/) - 1 }
block && (indent > start || $0 ~ /^[ \t]*$/) {
  line = $0; if (!inner) inner = indent
  line = substr(line, inner + 1)
  if (key == "chpasswd") { if (line ~ /:/) print line >(out "/passwords") } else emit(key, line)
  next
}
{ block = 0 }
key == "chpasswd" && /list:[ \t]*\|/ { block = 1; start = indent; inner = 0; next }
key == "chpasswd" && /- *[a-z_][a-z0-9_-]*:[^ ]/ { line = $0; sub(/^[ \t]*- */, "", line); print unquote(line) >(out "/passwords"); next }
/^[ \t]*- *[|>][-+]?[ \t]*$/ { block = 1; start = indent; inner = 0; next }
/^[ \t]*- / || /^[ \t]*-$/ {
  line = $0; sub(/^[ \t]*- */, "", line); sub(/[ \t\r]+$/, "", line)
  if (line ~ /^\[.*\]$/) emit(key, flow(line)); else emit(key, unquote(line))
}
END { if (password != "") print user ":" password >(out "/passwords") }
