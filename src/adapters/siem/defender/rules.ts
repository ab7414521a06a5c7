// Rules as custom detections, under ids that Graph picks. It has no optimistic write: what stands there is
// compared with what was seen just before, and every write is read back.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import { instant, type Instant } from '#kernel/time.ts'
import type { Completeness, ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import { readAs, type GraphClient, type GraphReply } from './client.ts'
import { detectionRule, rulePage, type DetectionRuleReply } from './replies.ts'
import { normaliseBody, withFrequency } from './rule-body.ts'

/** Custom detections stand under beta in every tenant; v1.0 has them in some. */
const RULES = '/beta/security/rules/detectionRules'
const RULES_MAX = 20_000

export function openRules(client: GraphClient): SiemRules {
  const writing = new Writing(client)
  return {
    list: (signal) => listRules(client, signal),
    read: (ref, signal) => readRule(client, ref, signal),
    normalise: normaliseBody,
    async put({ ref, body, replaces }, signal) {
      if (replaces === null) return create(client, writing, body, signal)
      await expectUnchanged(client, ref, replaces, signal)
      writing.learn(replaces)
      await writing.send('PATCH', ref, body, signal)
      return readBack(client, ref, signal)
    },
    async remove(ref, replaces, signal) {
      await expectUnchanged(client, ref, replaces, signal)
      await client.send({
        method: 'DELETE',
        path: pathOf(ref),
        effect: 'write',
        what: 'the removal of the custom detection',
        signal,
      })
    },
    async setEnabled(ref, isEnabled, signal) {
      await writing.send('PATCH', ref, { isEnabled }, signal)
      return readBack(client, ref, signal)
    },
  }
}

function pathOf(ref: string): string {
  if (/^[\w-]{1,64}$/.test(ref)) return `${RULES}/${ref}`
  throw new AppError('invalid', 'A custom detection is named by the id that Defender gave it.')
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

export async function pagesOf(client: GraphClient, signal: AbortSignal) {
  const what = 'the list of custom detections'
  const rules = new Map<string, DetectionRuleReply>()
  const seen = new Set<string>()
  let path: string | undefined = RULES
  let isRepeated = false
  while (path !== undefined && rules.size < RULES_MAX) {
    // As it came: it holds what Graph knows the place by.
    if (seen.has(path))
      throw new AppError('upstream', `Microsoft Graph turns in a circle: ${what}.`)
    seen.add(path)
    const reply: GraphReply = await client.send({ path, what, signal })
    const page = readAs(rulePage, reply.body, what)
    for (const rule of page.value) {
      isRepeated ||= rules.has(rule.id)
      rules.set(rule.id, rule)
    }
    path = page['@odata.nextLink']
  }
  const completeness: Completeness =
    path !== undefined
      ? { kind: 'truncated', limit: `${RULES_MAX.toLocaleString('en')} custom detections` }
      : isRepeated
        ? { kind: 'partial', reason: 'Custom detections came or went while they were read.' }
        : { kind: 'complete' }
  return { rules: [...rules.values()], completeness }
}

async function listRules(client: GraphClient, signal: AbortSignal) {
  const { rules, completeness } = await pagesOf(client, signal)
  return { rules: rules.map(observed), completeness }
}

async function readRule(
  client: GraphClient,
  ref: string,
  signal: AbortSignal,
): Promise<ObservedRule | null> {
  const what = 'the custom detection'
  const reply = await client.send({ path: pathOf(ref), what, accepts: [404], signal })
  return reply.status === 404 ? null : observed(readAs(detectionRule, reply.body, what))
}

function observed(rule: DetectionRuleReply): ObservedRule {
  const { '@odata.context': _, ...raw } = rule as unknown as { readonly [key: string]: Json }
  const normalised = normaliseBody(raw)
  const { isEnabled } = normalised
  return {
    ref: rule.id,
    name: rule.displayName ?? rule.id,
    isEnabled: typeof isEnabled === 'boolean' ? isEnabled : null,
    raw,
    normalised,
    etag: null,
    changedAt: instantOf(rule.lastModifiedDateTime),
    changedBy: rule.lastModifiedBy,
    notices: noticesOf(rule),
  }
}

export function instantOf(text: string | null | undefined): Instant | null {
  const at = Date.parse(text ?? '')
  // .NET says the year 1 where it knows no time.
  return Number.isFinite(at) && at > 0 ? instant(at) : null
}

function noticesOf({ lastRunDetails }: DetectionRuleReply): readonly string[] {
  const { status, errorCode } = lastRunDetails ?? {}
  if (status === 'failed') return [`Its last run failed: ${runErrorOf(errorCode)}`]
  if (status !== 'partiallyFailed') return []
  return [`Its last run was not complete: ${runErrorOf(errorCode)}`]
}

/** learn.microsoft.com, runDetails of Graph's beta, read 2026-11. */
const RUN_ERRORS: Readonly<Record<string, string>> = {
  queryExecutionFailed: 'Defender could not run the query.',
  queryExecutionThrottling: 'the processing time of the tenant was used up.',
  queryExceededResultSize: 'the query gave more than a rule may.',
  queryLimitsExceeded: 'the query went beyond a limit of Defender.',
  queryTimeout: 'the query took too long.',
  alertCreationFailed: 'Defender could not make the alert.',
  alertReportNotFound: 'the events behind a row were not found, so there is no alert.',
  partialRowsFailed: 'some of the rows became no alerts.',
}

export function runErrorOf(code: string | null | undefined): string {
  return RUN_ERRORS[code ?? ''] ?? `Defender says ${code ?? 'no reason'}.`
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

/** Knows how this Graph spells a rhythm, once it has been told. */
class Writing {
  readonly #client: GraphClient
  #hasFrequency = false

  constructor(client: GraphClient) {
    this.#client = client
  }

  /** From a rule as Graph gave it. */
  learn({ raw }: ObservedRule): void {
    const { schedule } = raw as { readonly schedule?: Readonly<Record<string, Json>> | null }
    this.#hasFrequency ||= schedule?.['frequency'] !== undefined && !('period' in schedule)
  }

  /** `ref` null makes a new one. */
  async send(
    method: 'POST' | 'PATCH',
    ref: string | null,
    body: RuleBody,
    signal: AbortSignal,
  ): Promise<GraphReply> {
    const call = (given: RuleBody) =>
      this.#client.send({
        method,
        path: ref === null ? RULES : pathOf(ref),
        body: given,
        effect: 'write',
        what: ref === null ? 'the new custom detection' : 'the change of the custom detection',
        signal,
      })
    if (this.#hasFrequency) return call(withFrequency(body))
    try {
      return await call(body)
    } catch (error) {
      if (!isAboutPeriod(error)) throw error
      // What was refused had no effect, so it may be sent in the new spelling.
      this.#hasFrequency = true
      return call(withFrequency(body))
    }
  }
}

function isAboutPeriod(error: unknown): boolean {
  if (!(error instanceof AppError) || error.code !== 'invalid') return false
  const said = JSON.stringify(error.details['problems'] ?? [])
  return /\bperiod\b/i.test(said) && /does not exist|find a property|recogni|removed/i.test(said)
}

async function create(
  client: GraphClient,
  writing: Writing,
  body: RuleBody,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const reply = await writing.send('POST', null, body, signal)
  const made = observed(readAs(detectionRule, reply.body, 'the new custom detection'))
  const found = await readRule(client, made.ref, signal)
  if (found !== null) return found
  // Another part of the service answers before it has heard of it; what the first one said counts.
  const notice = 'Defender made it, and does not show it everywhere yet.'
  return { ...made, notices: [...made.notices, notice] }
}

/** Throws `stale` when somebody was faster. */
async function expectUnchanged(
  client: GraphClient,
  ref: string,
  before: ObservedRule,
  signal: AbortSignal,
): Promise<void> {
  const now = await readRule(client, ref, signal)
  if (now === null) throw new AppError('stale', `${before.name} was deleted on Defender meanwhile.`)
  if (contentHash(now.normalised) === contentHash(before.normalised)) return
  const by = now.changedBy === null ? '' : ` by ${now.changedBy}`
  throw new AppError('stale', `${before.name} was changed on Defender meanwhile${by}.`)
}

async function readBack(
  client: GraphClient,
  ref: string,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const found = await readRule(client, ref, signal)
  if (found !== null) return found
  throw new AppError('upstream', 'The custom detection was written, and Defender does not show it.')
}
