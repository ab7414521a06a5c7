// Hides secrets in text that is about to be kept or shown where secrets have no business: log lines
// above all. Three nets, each linear in the length of the text: values known to be secret, shapes that
// only secrets have, and values that stand under a telling name (a key, a header, a flag, a URL's
// userinfo). What has neither shape nor name nor was made known cannot be found by anybody; such
// values are kept out of text by the code that holds them.

import type { Json } from '#kernel/json.ts'

export const HIDDEN = '[hidden]'

// Every shape starts where no word goes on, and repeats only word characters a bounded number of
// times around a dot: no start rescans what another has scanned more than a few times.
/** Global: for `replace` and `matchAll`. */
export const SECRET_SHAPES = new RegExp(
  `(?<![\\w-])(?:${[
    'eyJ[\\w-]{8,}(?:\\.[\\w-]*){2,4}', // JWT and JWE
    'v[1-4]\\.(?:local|public)\\.[\\w-]{16,}(?:\\.[\\w-]+)?', // PASETO
    '[a-z]{2,8}_(?:pat|mcp|agent|scim)_[\\w-]{16,}', // ours, and others made like it
    'A(?:KIA|SIA|BIA|CCA|ROA|IDA)[A-Z0-9]{16}', // AWS key id
    'gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\\w{20,}',
    'gl(?:pat|rt|dt|cbt|ptt|ft|soat|agent)-[\\w-]{16,}', // GitLab
    'xox[a-z]-[\\w-]{10,}|xapp-[\\w-]{10,}', // Slack
    'hooks\\.slack\\.com\\/[\\w/-]{8,}',
    'sk-[\\w-]{16,}', // model providers
    'AIza[\\w-]{30,}|ya29\\.[\\w-]{20,}|GOCSPX-[\\w-]{20,}', // Google
    '[prs]k_(?:live|test)_\\w{10,}|whsec_[\\w+/=]{16,}', // Stripe
    'npm_[A-Za-z0-9]{20,}|pypi-[\\w-]{20,}',
    'SG\\.[\\w-]{16,}\\.[\\w-]{16,}', // SendGrid
    'hv[bsr]\\.[\\w-]{20,}', // Vault
    'dop_v1_[a-f0-9]{32,}|dapi[a-f0-9]{32}', // DigitalOcean, Databricks
    '[\\w~.-]{3}\\dQ~[\\w~.-]{31,}', // Entra application secret
  ].join('|')})`,
  'g',
)

const BASE64 = /(?<![\w+/-])[A-Za-z0-9+/]{40,}={0,2}/g
/** What the base64 of an Elastic or similar API key decodes to: `id:key`. */
const ID_AND_KEY = /^[\w-]{16,}:[\w-]{16,}$/

const SCHEME =
  /(?<![\w-])(bearer|basic|splunk|apikey|negotiate|digest|token)( {1,4})([\w.~+/=-]{8,})/gi

/** A copy of `text` without secrets. Scrubbing twice changes nothing more. */
export function scrubText(text: string, known: Iterable<string> = []): string {
  let clean = text
  for (const secret of known) clean = clean.replaceAll(secret, HIDDEN)
  if (clean.length < SECRET_LENGTH_MIN) return clean
  clean = hidePem(clean)
  clean = clean.replace(SECRET_SHAPES, HIDDEN)
  clean = clean.replace(BASE64, (match) => (isIdAndKey(match) ? HIDDEN : match))
  clean = hideUserinfo(clean)
  clean = clean.replace(SCHEME, (match, scheme: string, space: string, value: string) =>
    looksRandom(value) ? `${scheme}${space}${HIDDEN}` : match,
  )
  return hideFlags(hideNamed(clean))
}

/** Shorter text holds no name with a value. */
const SECRET_LENGTH_MIN = 6

function isIdAndKey(base64: string): boolean {
  return ID_AND_KEY.test(Buffer.from(base64, 'base64').toString('latin1'))
}

// "Basic authentication" is prose; what follows a scheme on the wire has digits or mixed case.
function looksRandom(value: string): boolean {
  return /\d/.test(value) || (/[a-z]/.test(value) && /.[A-Z]/.test(value))
}

const PEM_BEGIN = '-----BEGIN '
const PEM_END = '-----END '

// A block without an end is hidden to the end of the text.
function hidePem(text: string): string {
  let from = text.indexOf(PEM_BEGIN)
  if (from < 0) return text
  let clean = ''
  let at = 0
  while (from >= 0) {
    const isSecret = !text.startsWith(`${PEM_BEGIN}CERTIFICATE`, from)
    const end = text.indexOf(PEM_END, from)
    const tail = end < 0 ? -1 : text.indexOf('-----', end + PEM_END.length)
    const after = tail < 0 ? text.length : tail + 5
    clean += text.slice(at, from) + (isSecret ? HIDDEN : text.slice(from, after))
    at = after
    from = text.indexOf(PEM_BEGIN, after)
  }
  return clean + text.slice(at)
}

const RUN = /[^\s"'<>\\]+/g // a URL ends where one of these stands

function hideUserinfo(text: string): string {
  if (!text.includes('://') || !text.includes('@')) return text
  return text.replace(RUN, hideUserinfoOf)
}

// `scheme://user:password@host`. A password may hold slashes, so the last @ counts, unless what
// follows the colon is a port: then the @ belongs to the path.
function hideUserinfoOf(run: string): string {
  const start = run.indexOf('://')
  const at = run.lastIndexOf('@')
  if (start < 0 || at < start) return run
  const userinfo = run.slice(start + 3, at)
  const colon = userinfo.indexOf(':')
  const secret = userinfo.slice(colon + 1)
  const isPath = colon < 0 ? /[/?#]/.test(userinfo) : /^\d{1,5}[/?#]/.test(secret)
  const isName = colon < 0 && userinfo.length < 20
  if (isPath || isName || secret === '') return run
  const kept = colon < 0 ? start + 3 : start + 3 + colon + 1
  return run.slice(0, kept) + HIDDEN + run.slice(at)
}

const NAME_AND_SIGN = /(?<![\w.-])([\w.-]{2,64})(\\{0,7}["']?[ \t]{0,2}(?:=>|[:=])[ \t]{0,2})/g

// The value is cut out by hand: how it ends depends on how it was quoted, and on its name.
function hideNamed(text: string): string {
  let clean = ''
  let at = 0
  NAME_AND_SIGN.lastIndex = 0
  for (;;) {
    const match = NAME_AND_SIGN.exec(text)
    if (!match) return at === 0 ? text : clean + text.slice(at)
    if (!isSecretName(match[1]!)) continue
    const start = NAME_AND_SIGN.lastIndex
    const [from, to] = valueBounds(text, start, /cookie|authorization/i.test(match[1]!))
    if (to > from && !text.startsWith(HIDDEN, from)) {
      clean += text.slice(at, from) + HIDDEN
      at = to
    }
    NAME_AND_SIGN.lastIndex = Math.max(start, to)
  }
}

function valueBounds(text: string, start: number, isHeader: boolean): readonly [number, number] {
  const open = /^(\\{0,7})(["'])/.exec(text.slice(start, start + 8))
  if (open) {
    const from = start + open[0].length
    return [from, closingQuote(text, from, open[2]!, open[1]!.length)]
  }
  const end = isHeader ? HEADER_END : VALUE_END
  end.lastIndex = start
  return [start, end.exec(text)?.index ?? text.length]
}

const VALUE_END = /[\s"'\\&,;)\]}<>]/g
const HEADER_END = /[\r\n"'\\]/g

// JSON inside JSON: a quote opened behind n backslashes is closed by one behind at most n.
function closingQuote(text: string, from: number, quote: string, backslashes: number): number {
  for (let at = text.indexOf(quote, from); at >= 0; at = text.indexOf(quote, at + 1)) {
    let before = at
    while (before > from && text[before - 1] === '\\') before--
    if (at - before <= backslashes) return before
  }
  return text.length
}

const FLAG = /(?<![\w-])--?([\w-]{2,64})[ \t]+(?!-)(\S+)/g

function hideFlags(text: string): string {
  if (!text.includes('-')) return text
  return text.replace(FLAG, (match, name: string, value: string) =>
    isSecretName(name) ? `${match.slice(0, match.length - value.length)}${HIDDEN}` : match,
  )
}

const SECRET_NAMES =
  /pass(?:word|wd|phrase|code)|pwd$|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|account[_.-]?key|credential|authorization|cookie|session[_.-]?(?:id|key)?$|connection[_.-]?string|assertion|saml|^(?:sid|sig|otp|pin|auth|dsn)$/i
const SESSION_IDS = /session[_.-]?id$|^j?sid$/i
/**
 * Last words of names that tell about a secret and hold none: `tokenCount`, `secret_file`,
 * `secret.ts:12` in a stack.
 */
const HARMLESS_ENDINGS = new Set(
  'ts tsx js mjs cjs file path count type name id ids at ms seconds length size max min expiry expires url kind version limit used valid set'.split(
    ' ',
  ),
)

/** Whether a value under this name is hidden. */
export function isSecretName(name: string): boolean {
  if (!SECRET_NAMES.test(name)) return false
  if (SESSION_IDS.test(name)) return true
  const words = name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').split(/[_.-]/)
  return words.length === 1 || !HARMLESS_ENDINGS.has(words.at(-1)!.toLowerCase())
}

/** The same over JSON: strings are scrubbed, and what stands under a secret name is hidden whole. */
export function scrubJson(value: unknown, known: Iterable<string> = []): unknown {
  if (typeof value === 'string') return scrubText(value, known)
  if (Array.isArray(value)) return value.map((item) => scrubJson(item, known))
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, item]) => [
    scrubText(name, known),
    isSecretName(name) && holdsSomething(item) ? HIDDEN : scrubJson(item, known),
  ])
  return Object.fromEntries(members) as unknown
}

/**
 * For what is kept for ever: hides shapes that only secrets have, wherever they stand. What a name says
 * is left alone, since the code that writes it chose the names.
 */
export function hideShapes(value: Json): Json {
  if (typeof value === 'string') return value.replace(SECRET_SHAPES, HIDDEN)
  if (Array.isArray(value)) return value.map(hideShapes)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideShapes(item)]))
}

function holdsSomething(item: unknown): boolean {
  return item !== null && item !== '' && typeof item !== 'boolean'
}
