// Why Splunk refused, in the product's words. splunkd says it in JSON, now and then in XML whatever was
// asked for, and a proxy in between in HTML.

import { AppError } from '#kernel/error.ts'
import type { Problem } from '#kernel/problem.ts'
import type { OutboundReply } from '#platform/outbound-client.ts'
import { said, type SplunkMessage } from './replies.ts'

const TEXT_CHARS_MAX = 500
const MESSAGES_MAX = 20
const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&amp;': '&',
}

/** Whatever messages an answer holds, none when it is no answer of splunkd. */
export function messagesIn(text: string): readonly SplunkMessage[] {
  const found = text.trimStart().startsWith('{') ? fromJson(text) : fromXml(text)
  return found.slice(0, MESSAGES_MAX).map((message) => ({ ...message, text: tidy(message.text) }))
}

/** One line, not too long. */
export function tidy(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > TEXT_CHARS_MAX ? `${line.slice(0, TEXT_CHARS_MAX)}…` : line
}

function fromJson(text: string): readonly SplunkMessage[] {
  try {
    const read = said.safeParse(JSON.parse(text))
    return read.success ? read.data.messages : []
  } catch {
    return [] // cut or no JSON after all: the status alone speaks
  }
}

function fromXml(text: string): readonly SplunkMessage[] {
  const found = text.slice(0, 64 * 1024).matchAll(/<msg type="(\w+)"[^>]*>([^<]*)<\/msg>/g)
  return [...found].map(([, type = '', inner = '']) => ({
    type,
    text: inner.replaceAll(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity),
  }))
}

/** Of a query or body that is refused: what Splunk says is shown as a problem of it. */
export function problemsOf(messages: readonly SplunkMessage[]): readonly Problem[] {
  return messages
    .filter(({ type }) => type === 'FATAL' || type === 'ERROR' || type === 'WARN')
    .map(({ type, text }) => ({
      code: 'splunk/refused',
      severity: type === 'WARN' ? 'warning' : 'error',
      message: text,
    }))
}

/** `what` is what was asked, for the sentence: "the search". */
export function failureOf(reply: OutboundReply, what: string): AppError {
  const { status, text } = reply
  const messages = messagesIn(text)
  const cause = new Error(`${status}: ${messages.map((message) => message.text).join(' ')}`)
  const refuse = (
    code: ConstructorParameters<typeof AppError>[0],
    sentence: string,
    more: { details?: Record<string, unknown>; retryAfterSeconds?: number } = {},
  ) => new AppError(code, sentence, { cause, ...more })
  const isBusy = messages.some((message) => /maximum number of concurrent/i.test(message.text))
  if (status >= 300 && status < 400) {
    return refuse('upstream', `Splunk sends ${what} to another address, which is not followed.`)
  }
  switch (status) {
    case 400:
      return refuse('invalid', `Splunk refuses ${what}.`, {
        details: { problems: problemsOf(messages) },
      })
    case 401:
      return refuse('unauthenticated', 'Splunk does not know this credential, or it has expired.')
    case 403:
      return refuse('forbidden', `The credential may not do this on Splunk: ${what}.`, {
        details: { problems: problemsOf(messages) },
      })
    case 404:
      return refuse('not_found', `Splunk does not have this: ${what}.`)
    case 409:
      return refuse('conflict', `Splunk has one of this name already: ${what}.`)
    case 412:
      return refuse('stale', `Somebody was there before: ${what}. Look again.`)
    case 413:
    case 414:
      return refuse('too_large', `This is longer than this version of Splunk takes: ${what}.`)
    case 429:
      return refuse('rate_limited', 'Splunk asks for fewer requests.', retryAfter(reply))
    default:
      if (isBusy) {
        return refuse('rate_limited', 'Splunk runs as many searches as it lets this person run.', {
          retryAfterSeconds: 30,
        })
      }
      return refuse('upstream', `Splunk, or what stands before it, answered ${status} to ${what}.`)
  }
}

function retryAfter({ headers }: OutboundReply): { retryAfterSeconds?: number } {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) ? { retryAfterSeconds: Math.ceil(seconds) } : {}
}
