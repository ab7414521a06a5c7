// What a change is made of, made: for each item the complete body that would be written, what it
// replaces, and digests of everything it was made from. Nothing is stored here. A target is opened for
// its one spelling of bodies alone; nothing is asked of it.

import { AppError } from '#kernel/error.ts'
import { contentHash } from '#kernel/hash.ts'
import type { RuleId, TargetId } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { fieldsThatDiffer } from '#languages/rule-formats/observed/observed.ts'
import { withCleared, withRestored } from '#languages/rule-formats/write/clearing.ts'
import { withoutMarker } from '#languages/rule-formats/write/marker.ts'
import { restoringBody } from '#languages/rule-formats/write/restore.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import { listLastWrites, listPlacements } from '#domain/placements/actions.ts'
import type { NamedPlacement } from '#domain/placements/placement.ts'
import { whatIsForgotten } from '#domain/adoption/forgotten.ts'
import { whatStands, type Stands } from '#domain/adoption/what-stands.ts'
import type { ExaminedRule } from '#domain/rules/examined.ts'
import { examineTexts } from '#domain/rules/examining.ts'
import { findRules, getVersion } from '#domain/rules/reading.ts'
import {
  makeRenders,
  RENDERER,
  type ExclusionToCome,
  type MadeRenders,
} from '#domain/rules/renders/actions.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import type { RenderedBody } from '#domain/rules/renders/body.ts'
import type { RuleSummary, VersionWithText } from '#domain/rules/rule.ts'
import { getTarget } from '#domain/targets/actions.ts'
import { connectTarget } from '#domain/targets/connect.ts'
import type { RuleBody, SiemRules } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { readPolicy } from '#domain/workspaces/policy-actions.ts'
import type { ChangeAction, ChangePolicy, Switch } from './change.ts'
import { judgePlace, judgeRule, problemOf } from './checks.ts'
import { writeMadeFrom } from './fresh.ts'
import { policyOf, stricter } from './moves.ts'
import { judgeNoise } from './noise.ts'
import { openQueryJudge, type JudgeQueries } from './queries.ts'
import type { StoredItem } from './store.ts'
import { renderAtEnds, type RendersThen } from './switches.ts'

export interface WantedItem {
  readonly ruleId: RuleId
  readonly targetId: TargetId
  /** Undefined: what fits where the rule stands. */
  readonly action?: ChangeAction | undefined
  /** Undefined: the newest. */
  readonly version?: number | undefined
}

export type PreparedItem = Omit<StoredItem, 'changeId' | 'number' | 'waivers'>

export interface Prepared {
  readonly items: readonly PreparedItem[]
  /** Items that would change nothing, in words. */
  readonly leftOut: readonly string[]
  /** What is asked of it: never less than was given. */
  readonly policy: ChangePolicy
}

const LIMITS = { timeoutMs: 60_000 }
const AT_ONCE = 100
const WRITING: readonly ChangeAction[] = ['add', 'change']

/** In the order wanted. Throws `forbidden` for a rule or a target that is not here. */
export async function prepareItems(
  house: House,
  caller: Caller,
  wanted: readonly WantedItem[],
  before: ChangePolicy,
  toCome: readonly ExclusionToCome[] = [],
): Promise<Prepared> {
  const subjects = await loadSubjects(house, caller, wanted)
  const made = await renderVersions(house, caller, subjects, toCome)
  const { policy: ofNow } = await readPolicy(house, caller)
  const policy = stricter(before, policyOf(ofNow, groupsOf(subjects, made)))
  const { testGate, budgetGate } = policy
  const judgeQueries = openQueryJudge(house, caller)
  const items: PreparedItem[] = []
  const leftOut: string[] = []
  for (const subject of subjects) {
    const item = await prepareOne(subject, made, { testGate, judgeQueries })
    if (item === null) leftOut.push(sameAlready(subject))
    else items.push(item)
  }
  return { items: await judgeNoise(house, caller, items, budgetGate), leftOut, policy }
}

interface Subject {
  readonly wanted: WantedItem
  readonly rule: RuleSummary
  readonly target: Target
  /** Undefined where it cannot be opened, or holds no rules of ours. */
  readonly normalise: SiemRules['normalise'] | undefined
  readonly placement: NamedPlacement | undefined
  /** Of the placement, or of what is to be removed though it has none; null where nothing stands. */
  readonly stands: Stands | null
  /** What was written there last; null where nothing of ours was. */
  readonly lastWrite: RuleBody | null
  readonly action: ChangeAction
}

async function loadSubjects(
  house: House,
  caller: Caller,
  wanted: readonly WantedItem[],
): Promise<readonly Subject[]> {
  const ruleIds = [...new Set(wanted.map(({ ruleId }) => ruleId))]
  const rules = new Map<RuleId, RuleSummary>()
  const placements = new Map<string, NamedPlacement>()
  const writes = new Map<string, RuleBody>()
  for (let at = 0; at < ruleIds.length; at += AT_ONCE) {
    const some = ruleIds.slice(at, at + AT_ONCE)
    for (const [id, rule] of await findRules(house, caller, some)) rules.set(id, rule)
    for (const one of await listPlacements(house, caller, { ruleIds: some })) {
      placements.set(`${one.ruleId} ${one.targetId}`, one)
    }
    for (const { ruleId, targetId, body } of await listLastWrites(house, caller, some)) {
      writes.set(`${ruleId} ${targetId}`, body)
    }
  }
  const targets = new Map<TargetId, Pick<Subject, 'target' | 'normalise'>>()
  const subjects: Subject[] = []
  const reader = house.db.read(caller.scope)
  for (const one of wanted) {
    const rule = rules.get(one.ruleId)
    if (!rule) throw new AppError('forbidden', 'You may not do this, or it does not exist here.')
    const at = targets.get(one.targetId) ?? (await openTarget(house, caller, one.targetId))
    targets.set(one.targetId, at)
    const place = `${one.ruleId} ${one.targetId}`
    const placement = placements.get(place)
    const stands = placement
      ? await whatStands(reader, caller.scope, placement)
      : one.action === 'remove'
        ? await whatIsForgotten(reader, caller.scope, house.keys.installId, one)
        : null
    const action = one.action ?? (stands ? 'change' : 'add')
    const lastWrite = writes.get(place) ?? null
    subjects.push({ wanted: one, rule, ...at, placement, stands, lastWrite, action })
  }
  return subjects
}

async function openTarget(house: House, caller: Caller, id: TargetId) {
  const target = await getTarget(house, caller, id)
  try {
    const port = await connectTarget(house, caller, target, { purpose: 'read' })
    return { target, normalise: port.rules && ((body: RuleBody) => port.rules!.normalise(body)) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { target, normalise: undefined } // the item says so
  }
}

/**
 * Groups of what would be written, of what stands there and of the rules as they are now: a version that
 * leaves a group is itself under what the group asks.
 */
function groupsOf(subjects: readonly Subject[], made: MadeVersions): readonly string[] {
  const found = subjects.flatMap((subject) => {
    const { rule, placement } = subject
    const versions = [versionOf(subject), ...(placement ? [placement.version] : [])]
    const written = versions.map(
      (number) => made.get(nameOf(rule.id, number))?.examined.content?.group,
    )
    return [rule.group, ...written]
  })
  return [...new Set(found.filter((one) => typeof one === 'string'))]
}

/** One version of a rule, with what it says and what it becomes everywhere. */
interface MadeVersion {
  readonly version: VersionWithText
  readonly examined: ExaminedRule
  readonly renders: MadeRenders | undefined
  /** What it becomes as what is laid over it ends, the soonest first. */
  readonly atEnds: readonly RendersThen[]
}

type MadeVersions = ReadonlyMap<string, MadeVersion>

const nameOf = (ruleId: RuleId, version: number) => `${ruleId} ${version}`

/** Those that are to be written; and those that stand there, to tell what is new in the others. */
async function renderVersions(
  house: House,
  caller: Caller,
  subjects: readonly Subject[],
  toCome: readonly ExclusionToCome[],
): Promise<MadeVersions> {
  const made = new Map<string, MadeVersion>()
  const writing = subjects.filter(({ action }) => WRITING.includes(action))
  const wanted = new Map(writing.map((one) => [nameOf(one.rule.id, versionOf(one)), one]))
  const standing = new Map(
    subjects.flatMap((one) =>
      one.placement ? [[nameOf(one.rule.id, one.placement.version), one] as const] : [],
    ),
  )
  // What was taken over and never written named what its version would be.
  const unwritten = new Set(
    writing.flatMap(({ rule, placement, lastWrite }) =>
      placement && lastWrite === null ? [nameOf(rule.id, placement.version)] : [],
    ),
  )
  const all = [...new Map([...standing, ...wanted])]
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE)
    const versions: VersionWithText[] = []
    for (const [name, { rule }] of some) {
      const number = Number(name.slice(name.indexOf(' ') + 1))
      versions.push(await getVersion(house, caller, rule.id, number))
    }
    const texts = versions.map(({ text }) => text)
    const examined = await examineTexts(house, caller, texts, LIMITS)
    const isRendered = some.map(([name]) => wanted.has(name) || unwritten.has(name))
    const toRender = some.flatMap(([, { rule }], index) => {
      const references = examined[index]!.content?.refersTo ?? []
      return isRendered[index] ? [{ id: rule.id, text: texts[index]!, references }] : []
    })
    const renders = toRender.length === 0 ? [] : await makeRenders(house, caller, toRender, toCome)
    const atEnds = await renderAtEnds(house, caller, toRender, renders, toCome)
    let next = 0
    for (const [index, [name]] of some.entries()) {
      const place = isRendered[index] ? next++ : -1
      made.set(name, {
        version: versions[index]!,
        examined: examined[index]!,
        renders: renders[place],
        atEnds: atEnds[place] ?? [],
      })
    }
  }
  return made
}

function versionOf({ wanted, rule }: Subject): number {
  return wanted.version ?? rule.version
}

interface Checks {
  readonly testGate: boolean
  readonly judgeQueries: JudgeQueries
}

/** Null where it would change nothing. */
async function prepareOne(
  subject: Subject,
  made: MadeVersions,
  { testGate, judgeQueries }: Checks,
): Promise<PreparedItem | null> {
  const { action, placement } = subject
  if (!WRITING.includes(action)) {
    const isSame =
      (action === 'pause' && placement?.state === 'paused') ||
      (action === 'resume' && placement !== undefined && placement.state !== 'paused')
    if (isSame) return null
    return itemOf(subject, NOTHING_WRITTEN, judgePlace(subject))
  }
  const number = versionOf(subject)
  const at = made.get(nameOf(subject.rule.id, number))!
  const standing = placement && made.get(nameOf(subject.rule.id, placement.version))
  const { rendering, body: rendered, problems: refused } = writtenBody(subject, at)
  const body = rendered && clearing(subject, rendered, standing)
  const becomes = body && (subject.normalise?.(body) ?? body)
  if (becomes && placement && isStanding(subject, becomes, placement)) return null
  const adopted = placement?.origin === 'baseline' ? placement.body : undefined
  const problems = [
    ...judgePlace(subject),
    ...refused,
    ...judgeRule(subject.rule, number, at.examined, { standing: standing?.examined, testGate }),
    ...(rendering && body
      ? await judgeQueries({ target: subject.target, rendering, body, adopted })
      : []),
  ]
  const write = {
    version: number,
    body,
    bodyHash: body && contentHash(body),
    becomes,
    switches: body === null ? [] : switchesOf(subject, at, body),
    inputs: {
      rule: at.version.contentHash,
      rendering: rendering?.inputHash ?? '',
      parameters: contentHash(subject.target.parameters),
      ...(testGate && { tests: subject.rule.testVerdict ?? 'not run' }),
      renderer: RENDERER,
    },
    madeFrom: writeMadeFrom({
      references: at.examined.content?.refersTo ?? [],
      digest: at.renders!.madeFrom,
    }),
  }
  return itemOf(subject, write, problems)
}

type Write = Pick<
  PreparedItem,
  'version' | 'body' | 'bodyHash' | 'becomes' | 'switches' | 'inputs' | 'madeFrom'
>

const NOTHING_WRITTEN: Write = {
  version: null,
  body: null,
  bodyHash: null,
  becomes: null,
  switches: [],
  inputs: {},
  madeFrom: '',
}

function itemOf(
  { wanted, rule, target, placement, stands, action }: Subject,
  write: Write,
  problems: readonly Problem[],
): PreparedItem {
  return {
    ruleId: rule.id,
    ruleTitle: rule.title,
    targetId: target.id,
    targetName: target.name,
    kind: target.kind,
    action,
    wantedVersion: wanted.version ?? null,
    replaces: stands && { ...stands, version: placement?.version ?? null },
    ...write,
    problems,
  }
}

/**
 * With what the version that stands there says and this one does not, taken back. Of the very version that
 * is to stand there, what somebody changed besides is put back as well.
 */
function clearing(subject: Subject, body: RuleBody, standing: MadeVersion | undefined): RuleBody {
  const { action, lastWrite, target, placement, stands } = subject
  const { kind } = target
  if (action !== 'change' || placement === undefined || stands === null) return body
  const older = lastWrite ?? (standing?.renders ? writtenBody(subject, standing).body : null)
  const made = withCleared(kind, body, older)
  if (placement.state !== 'drifted' || placement.version !== versionOf(subject)) return made
  const stood = restoringBody(kind, { raw: placement.raw, normalised: placement.body }, null)
  const [meant, now] = [withoutMarker(placement.body), withoutMarker(stands.body)]
  return withRestored(kind, made, stood, fieldsThatDiffer(kind, meant, now))
}

/** Made as it will be when it replaces `body`; without those that change nothing there. */
function switchesOf(subject: Subject, version: MadeVersion, body: RuleBody): readonly Switch[] {
  const switches: Switch[] = []
  let before = body
  for (const { at, renders } of version.atEnds) {
    const later = writtenBody(subject, { ...version, renders }).body
    // Nothing can run then: at that time somebody decides what is to become of it.
    if (later === null) break
    const next = withCleared(subject.target.kind, later, before)
    const bodyHash = contentHash(next)
    if (bodyHash !== contentHash(before)) switches.push({ at, body: next, bodyHash })
    before = next
  }
  return switches
}

/** The target's own rendering and body where it has one, else those of its kind. */
function writtenBody({ target: { kind, name } }: Subject, { renders }: MadeVersion) {
  const { renderings, bodies } = renders!
  const own = renderings.find((one) => one.kind === kind && one.target === name)
  const rendering: Rendering | undefined =
    own ?? renderings.find((one) => one.kind === kind && one.target === null)
  const ofKind = bodies.filter((one) => one.kind === kind)
  const found: RenderedBody | undefined =
    ofKind.find(({ overlay }) => overlay === name) ??
    (own ? undefined : ofKind.find(({ overlay }) => overlay === null))
  const told = [...(rendering?.problems ?? []), ...(found?.problems ?? [])]
  const body = rendering?.state === 'ok' ? (found?.body ?? null) : null
  if (body !== null) return { rendering, body, problems: told }
  const nothing = problemOf('change/no-body', `The rule becomes nothing that ${name} can run.`)
  return { rendering, body, problems: [...told, nothing] }
}

function isStanding({ target }: Subject, becomes: RuleBody, placement: NamedPlacement): boolean {
  if (['drifted', 'missing', 'unknown'].includes(placement.state)) return false
  return fieldsThatDiffer(target.kind, becomes, withoutMarker(placement.body)).length === 0
}

function sameAlready({ rule, target, action }: Subject): string {
  if (action === 'pause') return `${rule.title} is paused on ${target.name} already.`
  if (action === 'resume') return `${rule.title} runs on ${target.name} already.`
  return `${rule.title} stands on ${target.name} just so already.`
}
