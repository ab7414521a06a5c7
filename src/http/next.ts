// Where somebody goes on after signing in: what a link asked for, if it is a page of this site. An
// address of another site in disguise (`//evil`, `/\evil`, `/%2f/evil`, `/..//evil`) is none.

const NEXT_CHARACTERS_MAX = 2_000
const HERE = 'http://here.invalid'

/** A path with its query, or undefined. */
export function safeNext(text: string | undefined): string | undefined {
  if (text === undefined || text.length > NEXT_CHARACTERS_MAX) return undefined
  if (!/^\/(?![/\\])/.test(text) || /[\p{Cc}\p{Zl}\p{Zp}\\]/u.test(text)) return undefined
  const url = URL.canParse(text, HERE) ? new URL(text, HERE) : undefined
  if (!url || url.origin !== HERE) return undefined
  // Whatever decodes the path once more must not find another site in it either.
  if (/^\/(\/|\\|%2f|%5c)/i.test(url.pathname)) return undefined
  return url.pathname + url.search
}
