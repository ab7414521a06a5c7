// Rules of Kibana's detection engine, known by a `rule_id` that is ours. Only what a body names is written.
// Kibana has no lock: what stands there is compared just before, and its revision counts writes that came
// in between. A rule runs with the rights of whoever wrote it last, which is told.

import type { Connection, ObservedRule, RuleBody, SiemRules } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import { instant, type Instant } from '#kernel/time.ts'
import { problemsOf, readAs, tidy, type ElasticClient } from './client.ts'
import { bulkAnswer, rule, type KibanaRule } from './replies.ts'
import { ENGINE, rulePages, RULES_MAX } from './rule-pages.ts'
import { mustReplace, normaliseBody, replacementOf, writableIn } from './rule-body.ts'

export function openRules(
  client: ElasticClient,
  { credential }: Pick<Connection, 'credential'>,
): SiemRules {
  const read = (ref: string, signal: AbortSignal) => readRule(client, ref, signal)
  const written = (found: ObservedRule, more: readonly string[] = []): ObservedRule => ({
    ...found,
    notices: [...found.notices, ...more, ...(credential.kind === 'api_key' ? [KEY_TRAP] : [])],
  })
  return {
    list: (signal) => listRules(client, signal),
    read,
    normalise: normaliseBody,
    async put({ ref, body, replaces }, signal) {
      if (replaces === null) {
        await write(client, 'POST', { ref, body: writableIn(body) }, signal)
        return written(await readBack(client, ref, signal))
      }
      const now = await expectUnchanged(read, ref, replaces, signal)
      const before = now.raw as RuleBody
      const isWhole = mustReplace(body, before)
      const named = isWhole ? replacementOf(body, before) : writableIn(body)
      await write(client, isWhole ? 'PUT' : 'PATCH', { ref, body: named }, signal)
      const after = await readBack(client, ref, signal)
      return written(after, wroteBetween(now, after) ? [WROTE_BETWEEN] : [])
    },
    async remove(ref, replaces, signal) {
      await expectUnchanged(read, ref, replaces, signal)
      await client.send({
        method: 'DELETE',
        path: `${ENGINE}/rules`,
        query: { rule_id: ref },
        effect: 'write',
        what: 'the removal of the rule',
        // Somebody was faster.
        accepts: [404],
        signal,
      })
      if ((await read(ref, signal)) === null) return
      throw new AppError('upstream', 'Kibana removed the rule, and still shows it.')
    },
    async setEnabled(ref, isEnabled, signal) {
      const now = await read(ref, signal)
      if (now === null) throw new AppError('not_found', 'Kibana does not have this rule.')
      if (now.isEnabled === isEnabled) return now
      await turn(client, now, isEnabled, signal)
      const after = await readBack(client, ref, signal)
      if (after.isEnabled === isEnabled) return written(after)
      throw new AppError('upstream', `Kibana took the switch of ${now.name}, and did not turn it.`)
    },
  }
}

const KEY_TRAP =
  'It runs with the API key that wrote it last: when that key ends or is deleted, the rule stops.'
const WROTE_BETWEEN = 'Somebody else wrote it in the same moment: look at what stands there.'

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

async function listRules(
  client: ElasticClient,
  signal: AbortSignal,
): ReturnType<SiemRules['list']> {
  const rules = new Map<string, ObservedRule>()
  const totals = new Set<number>()
  for await (const { total, data } of rulePages(client, 'the rules', signal)) {
    totals.add(total)
    for (const found of data) rules.set(found.rule_id, observed(found))
  }
  const list = [...rules.values()]
  const total = Math.max(...totals)
  if (total > RULES_MAX) {
    const limit = `${RULES_MAX.toLocaleString('en')} rules of ${total.toLocaleString('en')}`
    return { rules: list, completeness: { kind: 'truncated', limit } }
  }
  if (totals.size > 1 || list.length < total) {
    const reason = 'Rules came or went while they were read.'
    return { rules: list, completeness: { kind: 'partial', reason } }
  }
  return { rules: list, completeness: { kind: 'complete' } }
}

async function readRule(
  client: ElasticClient,
  ref: string,
  signal: AbortSignal,
): Promise<ObservedRule | null> {
  const what = 'the rule'
  const reply = await client.send({
    path: `${ENGINE}/rules`,
    query: { rule_id: ref },
    what,
    accepts: [404],
    signal,
  })
  return reply.status === 404 ? null : observed(readAs(rule, reply.body, what))
}

function observed(found: KibanaRule): ObservedRule {
  const { rule_id: ref, name, enabled, revision, updated_at: at, updated_by: by } = found
  const { execution_summary: _, ...raw } = found
  return {
    ref,
    name,
    isEnabled: enabled,
    raw: raw as RuleBody,
    normalised: normaliseBody(raw as RuleBody),
    etag: revision === undefined ? null : String(revision),
    changedAt: instantOf(at),
    changedBy: by ?? null,
    notices: noticesOf(found),
  }
}

function noticesOf({ immutable, rule_source: source }: KibanaRule): readonly string[] {
  if (!immutable) return []
  const isCustomized = (source as { is_customized?: unknown } | undefined)?.is_customized === true
  return isCustomized
    ? ['Elastic ships it, and it was changed here: an update of its rules may ask what to keep.']
    : ['Elastic ships it: an update of its rules may change it.']
}

function instantOf(text: string | undefined): Instant | null {
  const at = Date.parse(text ?? '')
  return Number.isFinite(at) && at > 0 ? instant(at) : null
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

async function write(
  client: ElasticClient,
  method: 'POST' | 'PUT' | 'PATCH',
  { ref, body }: { readonly ref: string; readonly body: RuleBody },
  signal: AbortSignal,
): Promise<void> {
  const what = method === 'POST' ? 'the new rule' : 'the change of the rule'
  try {
    const named = { ...body, rule_id: ref }
    await client.send({
      method,
      path: `${ENGINE}/rules`,
      body: named,
      effect: 'write',
      what,
      signal,
    })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw await explained(client, error, { method, ref }, signal)
  }
}

/** Kibana says 409 also for what is not there, so what stands there decides what it means. */
async function explained(
  client: ElasticClient,
  error: AppError,
  { method, ref }: { readonly method: string; readonly ref: string },
  signal: AbortSignal,
): Promise<AppError> {
  const isMissing = error.code === 'not_found' && method !== 'POST'
  if (error.code !== 'conflict' && !isMissing) return error
  const known = await readRule(client, ref, signal)
  if (known === null) {
    return method === 'POST'
      ? error
      : new AppError('stale', 'The rule was deleted in Kibana meanwhile.', { cause: error })
  }
  const message =
    method === 'POST'
      ? `Kibana has a rule of this id already: ${known.name}.`
      : `${known.name} is being changed in Kibana by somebody else. Try again.`
  return new AppError(method === 'POST' ? 'conflict' : 'stale', message, { cause: error })
}

async function turn(
  client: ElasticClient,
  { raw }: ObservedRule,
  isEnabled: boolean,
  signal: AbortSignal,
): Promise<void> {
  const what = 'the switch of the rule'
  const reply = await client.send({
    method: 'POST',
    path: `${ENGINE}/rules/_bulk_action`,
    body: { action: isEnabled ? 'enable' : 'disable', ids: [(raw as { id: string }).id] },
    effect: 'write',
    what,
    // What failed in part comes as a 500 with what failed in it.
    accepts: [500],
    signal,
  })
  const read = bulkAnswer.safeParse(reply.body)
  if (!read.success) {
    throw new AppError(
      'upstream',
      `Kibana, or what stands before it, answered ${reply.status} to ${what}.`,
    )
  }
  const wrong = read.data.attributes.errors.map(({ message }) => tidy(message))
  if (wrong.length === 0) return
  throw new AppError('invalid', `Kibana does not turn the rule ${isEnabled ? 'on' : 'off'}.`, {
    details: { problems: problemsOf(wrong) },
  })
}

type Read = (ref: string, signal: AbortSignal) => Promise<ObservedRule | null>

/** What a rule says decides: Kibana counts revisions up for an edit of its exceptions, too. */
async function expectUnchanged(
  read: Read,
  ref: string,
  before: ObservedRule,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const now = await read(ref, signal)
  if (now === null) throw new AppError('stale', `${before.name} was deleted in Kibana meanwhile.`)
  if (contentHash(now.normalised) === contentHash(before.normalised)) return now
  const who = now.changedBy === null ? '' : ` by ${now.changedBy}`
  throw new AppError('stale', `${before.name} was changed in Kibana${who} meanwhile.`)
}

/** One write counts one. */
function wroteBetween(before: ObservedRule, after: ObservedRule): boolean {
  return before.etag !== null && after.etag !== null && Number(after.etag) > Number(before.etag) + 1
}

async function readBack(
  client: ElasticClient,
  ref: string,
  signal: AbortSignal,
): Promise<ObservedRule> {
  const found = await readRule(client, ref, signal)
  if (found !== null) return found
  throw new AppError('upstream', 'The rule was written, and Kibana does not show it.')
}
