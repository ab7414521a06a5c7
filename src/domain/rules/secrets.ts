// Secrets typed into a rule: keys of known vendors, private keys, passwords in addresses, and random
// values under a telling name. A version is kept for ever and read by many, so none may enter one.
// Rules speak about passwords and tokens all day: a name alone is no secret, a random value behind it
// is, and a wildcard or a placeholder never. Linear in the length of the text.

import type { Problem } from '#kernel/problem.ts'
import { Source, type Range } from '#languages/sigma/source.ts'
import { readWaivers } from '#languages/sigma/lint/waivers.ts'
import { isSecretName, SECRET_SHAPES } from '#platform/scrub.ts'

export const SECRET_CODE = 'rule/secret'

/** One for each place; none where the text waives them with a reason. */
export function findSecrets(text: string): readonly Problem[] {
  const found = [...rangesIn(text)].toSorted((a, b) => a.start - b.start)
  if (found.length === 0) return []
  const source = new Source(text)
  const waivers = readWaivers(source, { start: 0, end: text.length })
  if (waivers.some(({ code, isReasoned }) => code === SECRET_CODE && isReasoned)) return []
  let end = 0
  for (const range of found) {
    if (range.start < end) continue // told already
    end = range.end
    const message = `This looks like ${range.what}: ${mask(text.slice(range.start, range.end))}.`
    source.error(SECRET_CODE, range, message, HINT)
  }
  return source.problems
}

const HINT = `Take it out and make it invalid where it works. If it is none, write "# rulewright-ignore ${SECRET_CODE}: why" beside it.`

/** Enough to find it in the text, too little to use it. */
function mask(secret: string): string {
  return `${secret.slice(0, 4)}… (${secret.length} characters)`
}

interface Found extends Range {
  readonly what: string
}

function* rangesIn(text: string): Generator<Found> {
  for (const { 0: match, index } of text.matchAll(SECRET_SHAPES)) {
    if (isRandom(match.replace(/^[a-z]{2,8}[_-]/i, ''))) yield at(index, match, 'a key or a token')
  }
  for (const { 0: match, 1: body, index } of text.matchAll(PRIVATE_KEY)) {
    yield at(index + match.length - body!.length, body!, 'a private key')
  }
  for (const { 0: match, 1: password, index } of text.matchAll(USERINFO)) {
    if (!isRandom(password!)) continue
    yield at(index + match.lastIndexOf(password!), password!, 'a password in an address')
  }
  for (const { 0: match, 1: value, index } of text.matchAll(SCHEME)) {
    if (isRandom(value!)) yield at(index + match.length - value!.length, value!, 'credentials')
  }
  for (const { 0: match, 1: name, 2: value, index } of text.matchAll(NAMED)) {
    if (!isSecretName(name!) || !isRandom(value!)) continue
    yield at(index + match.length - value!.length, value!, `the value of "${name!.slice(0, 40)}"`)
  }
}

function at(start: number, value: string, what: string): Found {
  return { start, end: start + value.length, what }
}

// Rules name the first line of a key; only what follows it is one.
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:\\n|\s){1,40}([A-Za-z0-9+/=]{40,64})/g
const USERINFO = /[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@'"]{1,100}:([^\s/@'"]{8,200})@[\w.-]/gi
const SCHEME = /(?<![\w-])(?:bearer|basic|splunk|apikey) {1,4}([\w.~+/=-]{16,500})/gi
const NAMED =
  /(?<![\w.-])([\w.-]{2,64})(?:\\{0,3}["']?[ \t]{0,2}(?:=>|[:=])[ \t]{0,2}\\{0,3}["']?|[ \t]{1,4})([\w+/=~!@#^&-]{12,200})/g

/** Letters of both cases and digits in no order that a word has; not a path, a name or a placeholder. */
function isRandom(value: string): boolean {
  if (value.length < 12 || PLACEHOLDER.test(value)) return false
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(value)).length
  if (/^[a-f\d]+$/i.test(value)) return value.length >= 32 && kinds >= 2 && bitsOf(value) >= 3
  return kinds >= 2 && /\d/.test(value) && bitsOf(value) >= 3.2 && !isWords(value)
}

const PLACEHOLDER =
  /x{6}|(.)\1{5}|^(?:your|my|some|example|placeholder|changeme|redacted)|\*|%|\.\./i
/** Words with a number or two: `Win32_ShadowCopy`, `process-creation-4688`. */
function isWords(value: string): boolean {
  return value.split(/[_./+=~-]+/).every((part) => /^[A-Za-z]*\d{0,6}[A-Za-z]*$/.test(part))
}

/** Of surprise in each character (Shannon). */
function bitsOf(value: string): number {
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) {
    const share = count / value.length
    bits -= share * Math.log2(share)
  }
  return bits
}
