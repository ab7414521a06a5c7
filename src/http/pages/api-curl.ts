// An operation of the API as a line of curl that somebody can copy: the token is `$TOKEN`, and what only
// they know stands as a variable of the shell, `$ID`. The body is the example of the document.

import type { DocumentedOperation } from '#http/api/document.ts'

/** Longer bodies are written over several lines. */
const LINE_MAX = 80

export function curlOf(
  base: string,
  { path, method, one }: { path: string; method: string; one: DocumentedOperation },
): string {
  const parts = [
    method === 'get' ? 'curl' : `curl -X ${method.toUpperCase()}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...one.parameters
      .filter(({ in: place, required }) => place === 'header' && required)
      .map(headerOf),
    ...bodyOf(one),
    `"${base}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => variable(name))}${queryOf(one)}"`,
  ]
  return parts.length === 3 ? parts.join(' ') : parts.join(' \\\n  ')
}

const variable = (name: string): string =>
  `$${name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`

/** The version that was seen; `*` changes whatever is there. */
const headerOf = ({ name }: { name: string }): string =>
  name === 'If-Match' ? "-H 'If-Match: *'" : `-H "${name}: ${variable(name.replaceAll('-', '_'))}"`

function queryOf({ parameters }: DocumentedOperation): string {
  const needed = parameters.filter((one) => one.in === 'query' && one.required)
  if (needed.length === 0) return ''
  return `?${needed.map(({ name }) => `${name}=${variable(name)}`).join('&')}`
}

function bodyOf({ requestBody }: DocumentedOperation): readonly string[] {
  if (requestBody === undefined) return []
  const json = requestBody.content['application/json'] as { example?: unknown } | undefined
  if (json === undefined) {
    return ["-H 'Content-Type: application/zip'", '--data-binary @FILE.zip']
  }
  const short = JSON.stringify(json.example ?? {})
  const text = short.length > LINE_MAX ? JSON.stringify(json.example, null, 2) : short
  return ["-H 'Content-Type: application/json'", `-d '${text.replaceAll("'", String.raw`'\''`)}'`]
}
