// What each kind of target is sent for one question: the query as it was typed where that is its language,
// and of a rule what the rule is compiled to there. What cannot be asked is refused by name.

import { can } from '#domain/access/permission.ts'
import { findMacros } from '#domain/adoption/dependencies.ts'
import { guardQuery } from '#domain/queries/actions.ts'
import { examineText } from '#domain/rules/looking.ts'
import { getRule } from '#domain/rules/reading.ts'
import { makeRenders } from '#domain/rules/renders/actions.ts'
import type { Rendering } from '#domain/rules/renders/render.ts'
import { SECRET_CODE } from '#domain/rules/secrets.ts'
import type { SiemKind, TargetLanguage, TargetQuery } from '#domain/targets/port.ts'
import type { Target } from '#domain/targets/target.ts'
import { AppError, assert } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import { canonicalJson, type Json } from '#kernel/json.ts'
import { hasErrors, type Problem } from '#kernel/problem.ts'
import { KIND_NAMES, LANGUAGE_NAMES } from '#kernel/siem.ts'
import type { QuerySchema } from '#languages/query.ts'
import { sigmaOf, type LocalSigma } from '#languages/rule-formats/write/local.ts'
import type { Caller } from '#platform/caller.ts'
import type { House } from '#platform/house.ts'
import type { SearchQuestion } from './input.ts'

/** What each kind runs itself. `sigma` is understood everywhere, by way of a query. */
export const KIND_LANGUAGES: Readonly<Record<SiemKind, readonly TargetLanguage[]>> = {
  local: ['sigma', 'spl', 'kusto', 'esql', 'eql'],
  splunk: ['spl'],
  sentinel: ['kusto'],
  defender: ['kusto'],
  elastic: ['esql', 'eql', 'kuery', 'lucene'],
  opensearch: ['lucene'],
}

export type Phrase =
  | { readonly isAsked: true; readonly query: TargetQuery }
  | { readonly isAsked: false; readonly why: string }

export interface Phrased {
  readonly title: string
  readonly language: TargetLanguage
  readonly text: string
  readonly ruleId: RuleId | null
  readonly byKind: ReadonlyMap<SiemKind, Phrase>
  /** By name, where a target calls things otherwise than others of its kind. */
  readonly byTarget: ReadonlyMap<string, Phrase>
}

/**
 * Throws `invalid` for a query that does more than read, or that nobody can read; its `details.problems`
 * say where. Throws `forbidden` for a rule that is not here.
 */
export async function phrase(
  house: House,
  caller: Caller,
  question: SearchQuestion,
  targets: readonly Asked[],
): Promise<Phrased> {
  const kinds = kindsOf(targets)
  const phrased =
    'ruleId' in question
      ? await phraseRule(house, caller, question.ruleId, kinds)
      : question.language === 'sigma'
        ? await phraseSigma(house, caller, question.text, kinds)
        : phraseTyped(question.language, question.text, kinds)
  await refuseWrites(house, caller, phrased, targets)
  return phrased
}

type Asked = Pick<Target, 'id' | 'name' | 'kind'>

function kindsOf(targets: readonly Asked[]): readonly SiemKind[] {
  return [...new Set(targets.map(({ kind }) => kind))]
}

export interface WrittenQuery {
  readonly title: string
  readonly ruleId: RuleId
}

/** A text that a body of a rule holds. Throws `invalid` as `phrase`. */
export async function phraseWritten(
  house: House,
  caller: Caller,
  question: SearchQuestion,
  { title, ruleId }: WrittenQuery,
  targets: readonly Asked[],
): Promise<Phrased> {
  assert('text' in question, 'what is written has a text')
  const phrased = phraseTyped(question.language, question.text, kindsOf(targets))
  await refuseWrites(house, caller, phrased, targets)
  return { ...phrased, title, ruleId }
}

function phraseTyped(language: TargetLanguage, text: string, kinds: readonly SiemKind[]): Phrased {
  const byKind = kinds.map((kind): [SiemKind, Phrase] => {
    const speaks = KIND_LANGUAGES[kind]
    if (speaks.includes(language)) return [kind, { isAsked: true, query: { language, text } }]
    const known = speaks.map((one) => LANGUAGE_NAMES[one]).join(', ')
    const why = `${KIND_NAMES[kind]} runs ${known}; this is ${LANGUAGE_NAMES[language]}.`
    return [kind, { isAsked: false, why }]
  })
  return {
    title: firstLine(text),
    language,
    text,
    ruleId: null,
    byKind: new Map(byKind),
    byTarget: new Map(),
  }
}

async function phraseRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  kinds: readonly SiemKind[],
): Promise<Phrased> {
  const { title, text } = await getRule(house, caller, ruleId)
  const { renderings, local } = await compile(house, caller, text, ruleId)
  return { ...phrasesOf(renderings, local, kinds), title, language: 'sigma', text, ruleId }
}

async function phraseSigma(
  house: House,
  caller: Caller,
  text: string,
  kinds: readonly SiemKind[],
): Promise<Phrased> {
  const { title, renderings, local } = await compile(house, caller, text)
  const { problems } = renderings.find(({ kind }) => kind === 'local')!
  if (problems.some(isUnreadable)) throw unreadable(problems)
  return { ...phrasesOf(renderings, local, kinds), title, language: 'sigma', text, ruleId: null }
}

/** With the mappings in force now: what was compiled before one changed is of no use to a search. */
async function compile(
  house: House,
  caller: Caller,
  text: string,
  id?: RuleId,
): Promise<{
  readonly title: string
  readonly renderings: readonly Rendering[]
  /** What the sandbox is asked. */
  readonly local: string
}> {
  const { content, problems } = await examineText(house, caller, text)
  // Whoever hunts for a key that leaked has it in the rule: it is asked, and not kept as a rule.
  const wrong = problems.filter(({ code }) => code !== SECRET_CODE)
  if (content === undefined && hasErrors(wrong)) throw unreadable(wrong)
  // The query of a correlation tells what the rules say that it builds on.
  const references = content !== undefined && can(caller, 'rule.read') ? content.refersTo : []
  const [made] = await makeRenders(house, caller, [{ id, text, references }])
  const { renderings, bodies, text: alone } = made!
  const own = bodies.find(({ kind, overlay }) => kind === 'local' && overlay === null)?.body
  // As it runs at the sandbox: with what a correlation builds on, and with exclusions.
  const local =
    own && typeof own['rule'] === 'string' ? sigmaOf(own as unknown as LocalSigma) : alone
  return { title: content?.title ?? 'Sigma rule', renderings, local }
}

function phrasesOf(
  renderings: readonly Rendering[],
  text: string,
  kinds: readonly SiemKind[],
): Pick<Phrased, 'byKind' | 'byTarget'> {
  const asked = renderings.filter(({ kind }) => kinds.includes(kind))
  const byKind = asked.filter(({ target }) => target === null)
  return {
    byKind: new Map(byKind.map((made) => [made.kind, phraseOf(made, text)])),
    byTarget: new Map(
      asked.flatMap((made) => (made.target === null ? [] : [[made.target, phraseOf(made, text)]])),
    ),
  }
}

function phraseOf({ kind, state, queries, problems }: Rendering, text: string): Phrase {
  if (state === 'refused') return refused(problems.find(isError)?.message)
  if (kind === 'local') return { isAsked: true, query: { language: 'sigma', text } }
  return asQuery(kind, queries)
}

function unreadable(problems: readonly Problem[]): AppError {
  return new AppError('invalid', 'The rule cannot be read.', { details: { problems } })
}

const isError = ({ severity }: Problem) => severity === 'error'

/** Wrong in itself, whatever it shall become; what only the matcher cannot run, others may. */
function isUnreadable({ code, severity }: Problem): boolean {
  if (severity !== 'error' || code === 'sigma/cannot-match') return false
  return code.startsWith('sigma/') || code.startsWith('yaml/')
}

function refused(why: string | undefined): Phrase {
  return { isAsked: false, why: why ?? 'The rule is not compiled for this kind of target.' }
}

function asQuery(kind: SiemKind, queries: readonly string[]): Phrase {
  const [text, ...more] = queries
  if (text === undefined) return refused(undefined)
  if (more.length > 0) {
    return {
      isAsked: false,
      why: `The rule is ${queries.length} queries there. Ask them one by one.`,
    }
  }
  return { isAsked: true, query: { language: languageOf(kind, text), text } }
}

/** Elastic runs four languages; what a rule is compiled to begins as only one of them can. */
function languageOf(kind: SiemKind, text: string): TargetLanguage {
  if (kind !== 'elastic') return KIND_LANGUAGES[kind][0]!
  if (/^\s*(?:from|row|ts)\s/i.test(text)) return 'esql'
  if (/^\s*(?:sequence\b|(?:any|[\w"]+)\s+where\b)/i.test(text)) return 'eql'
  return 'kuery'
}

async function refuseWrites(
  house: House,
  caller: Caller,
  { byKind, byTarget }: Phrased,
  targets: readonly Asked[],
): Promise<void> {
  const seen = new Set<string>()
  for (const target of targets) {
    const said = byTarget.get(target.name) ?? byKind.get(target.kind)
    if (said?.isAsked !== true || said.query.language === 'sigma') continue
    const { language, text } = said.query
    const schema = await knownOn(house, caller, target, said.query)
    // Most targets of a kind get one text; what it stands for differs from one Splunk to the next.
    const key = canonicalJson([language, text, schema as Json])
    if (seen.has(key)) continue
    seen.add(key)
    const { isAllowed, problems } = await guardQuery(house.workers, { language, text, schema })
    if (isAllowed) continue
    const where = Object.keys(schema).length > 0 && targets.length > 1 ? ` on ${target.name}` : ''
    const message = `A search only reads, and this query does more or cannot be read${where}.`
    throw new AppError('invalid', message, { details: { problems } })
  }
}

/** A macro may stand for any command: it is judged by what the target said that it stands for. */
async function knownOn(
  house: House,
  caller: Caller,
  { id, kind }: Asked,
  { language, text }: TargetQuery,
): Promise<QuerySchema> {
  if (kind !== 'splunk' || language !== 'spl' || !text.includes('`')) return {}
  return { macros: await findMacros(house, caller, id, text) }
}

const TITLE_CHARS = 120

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1)
  return line.length > TITLE_CHARS
    ? `${line
        .slice(0, TITLE_CHARS - 1)
        .trimEnd()
        .toWellFormed()}…`
    : line
}
