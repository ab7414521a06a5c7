// Analytics rules of Sentinel, by Azure's own id. Every write names the etag of what was observed; a
// conflict is looked at once more, because Azure gives a new etag for changes that are none.

import { z } from 'zod'
import { readAs } from '#adapters/siem/microsoft/client.ts'
import { errorsIn, problemsOf, type VendorError } from '#adapters/siem/microsoft/failures.ts'
import type { ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { Json } from '#kernel/json.ts'
import { parseInstant } from '#kernel/time.ts'
import { explainPath, listAll, type SentinelAccess } from './access.ts'
import { isObject, mergedProperties, normaliseBody, type Properties } from './rule-body.ts'
import { workspacePath } from './settings.ts'

/** The first that knows rules of the kind NRT. */
const VERSION = '2025-10-01-preview'
const RULES = '/providers/Microsoft.SecurityInsights/alertRules'
/** Rules of other kinds are made by Microsoft. */
const WRITABLE = new Set(['scheduled', 'nrt'])

export function openRules(access: SentinelAccess): SiemRules {
  const read = (ref: string, signal: AbortSignal) => readRule(access, ref, signal)
  return {
    list: (signal) => listRules(access, signal),
    read,
    normalise: normaliseBody,
    async put({ ref, body, replaces }, signal) {
      if (replaces === null) return create(access, ref, body, signal)
      refuseOtherKind(replaces, body)
      const named = isObject(body['properties']) ? body['properties'] : {}
      return change(access, ref, { before: replaces, named }, signal)
    },
    async remove(ref, replaces, signal) {
      refuseForeign(replaces)
      const now = await expectUnchanged(access, ref, replaces, signal)
      await access.arm.send({
        method: 'DELETE',
        path: pathOf(access, ref),
        query: { 'api-version': VERSION },
        headers: now.etag === null ? {} : { 'If-Match': now.etag },
        effect: 'write',
        what: 'the removal of the rule',
        explain: explainWrite(replaces.name),
        signal,
      })
    },
    async setEnabled(ref, isEnabled, signal) {
      const before = await read(ref, signal)
      if (before === null) throw new AppError('not_found', 'Sentinel does not have this rule.')
      if (before.isEnabled === isEnabled) return before
      refuseForeign(before)
      return change(access, ref, { before, named: { enabled: isEnabled } }, signal)
    },
  }
}

function pathOf({ settings }: SentinelAccess, ref: string): string {
  if (/^\.{0,2}$/.test(ref)) throw new AppError('invalid', 'This is no id of a rule of Sentinel.')
  return `${workspacePath(settings)}${RULES}/${encodeURIComponent(ref)}`
}

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

const json = z.custom<Json>((value) => value !== undefined)
const stored = z.object({
  name: z.string(),
  kind: z.string().default(''),
  etag: z.string().nullish(),
  properties: z.record(z.string(), json).default({}),
})

async function listRules(
  access: SentinelAccess,
  signal: AbortSignal,
): ReturnType<SiemRules['list']> {
  const wish = { path: RULES, version: VERSION, what: 'the rules' }
  const { items, isCut } = await listAll(access, wish, signal)
  const rules = new Map<string, ObservedRule>()
  let unread = 0
  for (const item of items) {
    const read = stored.safeParse(item)
    if (read.success) rules.set(read.data.name, observed(read.data, item))
    else unread++
  }
  const list = [...rules.values()]
  if (isCut) {
    const limit = `${list.length.toLocaleString('en')} rules`
    return { rules: list, completeness: { kind: 'truncated', limit } }
  }
  const reason =
    unread > 0
      ? `${unread} of ${items.length} rules are not what a rule should be.`
      : 'Rules came or went while they were read.'
  const isWhole = rules.size === items.length
  return { rules: list, completeness: isWhole ? { kind: 'complete' } : { kind: 'partial', reason } }
}

async function readRule(
  access: SentinelAccess,
  ref: string,
  signal: AbortSignal,
): Promise<ObservedRule | null> {
  const what = 'the rule'
  const reply = await access.arm.send({
    path: pathOf(access, ref),
    query: { 'api-version': VERSION },
    what,
    accepts: [404],
    signal,
  })
  if (reply.status !== 404) return read(access, reply.body, what)
  // The rule is not there; or it is the workspace that is not.
  const errors = errorsIn(reply.body).filter(({ message }) => !/alert ?rule/i.test(message))
  const missing = explainPath(404, errors)
  if (missing !== undefined) throw missing
  return null
}

function read({ arm }: SentinelAccess, body: Json | null, what: string): ObservedRule {
  return observed(readAs(stored, body, { service: arm.service, what }), body)
}

const AUTO_DISABLED = /^AUTO DISABLED\b/

function observed(
  { name, kind, etag, properties }: z.output<typeof stored>,
  raw: Json,
): ObservedRule {
  const { displayName, enabled, lastModifiedUtc } = properties
  const normalised = normaliseBody({ kind, properties })
  return {
    ref: name,
    name: typeof displayName === 'string' ? displayName : name,
    isEnabled: enabled === undefined ? null : normalised['properties.enabled'] === true,
    raw,
    normalised,
    etag: etag ?? null,
    changedAt: (typeof lastModifiedUtc === 'string' && parseInstant(lastModifiedUtc)) || null,
    changedBy: null,
    notices: noticesOf(kind, displayName),
  }
}

function noticesOf(kind: string, displayName: Json | undefined): readonly string[] {
  const notices: string[] = []
  if (typeof displayName === 'string' && AUTO_DISABLED.test(displayName)) {
    notices.push(
      'Sentinel turned this rule off by itself, because it kept failing; its description says why. Turning it on again without a remedy does not last.',
    )
  }
  if (!WRITABLE.has(kind.toLowerCase())) {
    notices.push(`Rules of the kind ${kind} are made by Microsoft: it is read and never changed.`)
  }
  return notices
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

interface Change {
  readonly before: ObservedRule
  /** Properties that are to be so; what they do not name stays. */
  readonly named: Properties
}

async function create(
  access: SentinelAccess,
  ref: string,
  { kind, properties }: RuleBody,
  signal: AbortSignal,
): Promise<ObservedRule> {
  if (typeof kind !== 'string' || !isObject(properties)) {
    throw new AppError('invalid', 'A rule of Sentinel needs a kind and properties.')
  }
  if ((await readRule(access, ref, signal)) !== null) {
    throw new AppError('stale', 'Sentinel has a rule with this id already.')
  }
  const headers = { 'If-None-Match': '*' }
  return write(access, ref, { body: { kind, properties }, headers, name: 'The new rule' }, signal)
}

async function change(
  access: SentinelAccess,
  ref: string,
  { before, named }: Change,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const now = await expectUnchanged(access, ref, before, signal)
  try {
    return await overwrite(access, ref, { before: now, named }, signal)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'stale') throw error
    // Azure also says so when nothing but the etag has moved: that is worth one more try, never two.
    const later = await expectUnchanged(access, ref, before, signal)
    if (later.etag === now.etag) throw error
    return overwrite(access, ref, { before: later, named }, signal)
  }
}

function overwrite(
  access: SentinelAccess,
  ref: string,
  { before, named }: Change,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const { kind, properties } = stored.parse(before.raw)
  const { etag, name } = before
  const body = {
    kind,
    ...(etag !== null && { etag }),
    properties: mergedProperties(properties, named),
  }
  const headers: Record<string, string> = etag === null ? {} : { 'If-Match': etag }
  return write(access, ref, { body, headers, name }, signal)
}

async function write(
  access: SentinelAccess,
  ref: string,
  sent: {
    readonly body: Json
    readonly headers: Readonly<Record<string, string>>
    readonly name: string
  },
  signal: AbortSignal,
): Promise<ObservedRule> {
  const what = 'the rule'
  const reply = await access.arm.send({
    method: 'PUT',
    path: pathOf(access, ref),
    query: { 'api-version': VERSION },
    headers: sent.headers,
    body: sent.body,
    effect: 'write',
    what,
    explain: explainWrite(sent.name),
    signal,
  })
  const written = read(access, reply.body, what)
  const found = await readRule(access, ref, signal)
  if (found !== null) return found
  const notice = 'Azure took the rule and does not show it yet.'
  return { ...written, notices: [...written.notices, notice] }
}

/** Throws `stale` when somebody was faster. */
async function expectUnchanged(
  access: SentinelAccess,
  ref: string,
  before: ObservedRule,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const now = await readRule(access, ref, signal)
  if (now === null) throw new AppError('stale', `${before.name} was deleted on Sentinel meanwhile.`)
  if (contentHash(now.normalised) === contentHash(before.normalised)) return now
  throw new AppError('stale', `${before.name} was changed on Sentinel meanwhile.`)
}

function refuseForeign({ raw, name }: ObservedRule): void {
  const { kind } = stored.parse(raw)
  if (WRITABLE.has(kind.toLowerCase())) return
  throw new AppError('unsupported', `${name} is of the kind ${kind}, which only Microsoft changes.`)
}

function refuseOtherKind(before: ObservedRule, { kind }: RuleBody): void {
  refuseForeign(before)
  const { kind: old } = stored.parse(before.raw)
  const named = typeof kind === 'string' ? kind : old
  if (named.toLowerCase() === old.toLowerCase()) return
  const message = `Sentinel never turns a rule of the kind ${old} into ${named}: remove ${before.name} and make a new one.`
  throw new AppError('invalid', message)
}

function explainWrite(name: string) {
  return (status: number, errors: readonly VendorError[]): AppError | undefined => {
    const cause = new Error(`${status}: ${errors.map(({ message }) => message).join('; ')}`)
    if (status === 409 && errors.some(({ message }) => /recently deleted/i.test(message))) {
      const message =
        'Azure holds back the id of a rule that was deleted. Try again in some minutes.'
      return new AppError('conflict', message, { cause })
    }
    if (status === 409 || status === 412) {
      return new AppError('stale', `${name} was changed on Sentinel meanwhile.`, { cause })
    }
    if (status === 400) {
      const message =
        'Sentinel refuses the rule. It saves one only while every table, function and watchlist of its query exists.'
      return new AppError('invalid', message, {
        cause,
        details: { problems: problemsOf(errors, 'sentinel') },
      })
    }
    return explainPath(status, errors)
  }
}
