// The text a search is sent as. REST wants a leading `search` or a pipe where a person leaves both out,
// and takes no comment before it.

/** Comments at the start go: they mean nothing, and a pipe behind one would not be seen. */
export function searchText(text: string): string {
  let rest = text.trim()
  for (;;) {
    const comment = /^```[\s\S]*?```\s*/.exec(rest)
    if (comment === null) break
    rest = rest.slice(comment[0].length)
  }
  return /^(?:\||search\s)/i.test(rest) ? rest : `search ${rest}`
}

/** A comment at the end, which Splunk's audit log keeps with the search. Comments are known from 8.1 on. */
export function signedText(
  text: string,
  { person, purpose }: { readonly person: string; readonly purpose: string },
  version: string,
): string {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major < 8 || (major === 8 && minor < 1)) return text
  const plain = `${person}: ${purpose}`.replaceAll(/[^\p{L}\p{N} .,:@_/-]+/gu, ' ').slice(0, 200)
  return `${text} \`\`\`Rulewright, ${plain.trim()}\`\`\``
}

/** As a quoted text within SPL. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
