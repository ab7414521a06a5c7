// What each kind of target is sent for one question: the query as it was typed where that is its language,
// and of a rule what the rule is compiled to there. What cannot be asked is refused by name.

import { guardQuery } from '#domain/queries/actions.ts'
import { KIND_ROWS } from '#domain/rules/renders/kinds.ts'
import { convertRuleTexts } from '#domain/rules/questions.ts'
import { getRule } from '#domain/rules/reading.ts'
import type { StoredRender } from '#domain/rules/renders/render.ts'
import { listRenders } from '#domain/rules/renders/actions.ts'
import type { SiemKind, TargetLanguage, TargetQuery } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import type { RuleId } from '#kernel/id.ts'
import { KIND_NAMES, LANGUAGE_NAMES } from '#kernel/siem.ts'
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
  kinds: readonly SiemKind[],
): Promise<Phrased> {
  const phrased =
    'ruleId' in question
      ? await phraseRule(house, caller, question.ruleId, kinds)
      : question.language === 'sigma'
        ? await phraseSigma(house, caller, question.text, kinds)
        : phraseTyped(question.language, question.text, kinds)
  const phrases = [...phrased.byKind.values(), ...phrased.byTarget.values()]
  const queries = phrases.flatMap((one) => (one.isAsked ? [one.query] : []))
  for (const query of queries) await refuseWrites(house, query)
  return phrased
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
    byTarget: NONE,
  }
}

async function phraseRule(
  house: House,
  caller: Caller,
  ruleId: RuleId,
  kinds: readonly SiemKind[],
): Promise<Phrased> {
  const { title, text } = await getRule(house, caller, ruleId)
  const renders = await listRenders(house, caller, ruleId)
  const byKind = kinds.map((kind): [SiemKind, Phrase] => {
    if (kind === 'local') return [kind, { isAsked: true, query: { language: 'sigma', text } }]
    return [
      kind,
      phraseOf(
        renders.find((one) => one.kind === kind && one.target === null),
        kind,
      ),
    ]
  })
  const byTarget = renders.flatMap((made) =>
    made.target === null || !kinds.includes(made.kind)
      ? []
      : [[made.target, phraseOf(made, made.kind)] as const],
  )
  return {
    title,
    language: 'sigma',
    text,
    ruleId,
    byKind: new Map(byKind),
    byTarget: new Map(byTarget),
  }
}

function phraseOf(made: StoredRender | undefined, kind: SiemKind): Phrase {
  if (made?.state !== 'ok') return refused(made?.problems[0]?.message)
  return asQuery(kind, made.queries)
}

const NONE: ReadonlyMap<string, Phrase> = new Map()

async function phraseSigma(
  house: House,
  caller: Caller,
  text: string,
  kinds: readonly SiemKind[],
): Promise<Phrased> {
  const byKind = new Map<SiemKind, Phrase>()
  let title: string | null = null
  for (const kind of kinds) {
    const { printer } = KIND_ROWS[kind]
    const to = printer?.backend ?? 'spl' // the matcher runs it; converting says what is wrong with it
    const pipelines = printer ? [printer.pipeline] : []
    const rules = [{ path: 'question.yml', text }]
    const converted = await convertRuleTexts(house, caller, { rules, to, pipelines })
    const [first, second] = converted
    if (!first) throw new AppError('invalid', 'This is no Sigma rule.')
    if (second) throw new AppError('invalid', 'These are several rules. Ask one at a time.')
    title ??= first.title
    const error = first.problems.find(({ severity }) => severity === 'error')
    if (error && isUnreadable(error.code)) {
      throw new AppError('invalid', 'The rule cannot be read.', {
        details: { problems: first.problems },
      })
    }
    if (!printer) byKind.set(kind, { isAsked: true, query: { language: 'sigma', text } })
    else byKind.set(kind, error ? refused(error.message) : asQuery(kind, first.queries))
  }
  return {
    title: title ?? 'Sigma rule',
    language: 'sigma',
    text,
    ruleId: null,
    byKind,
    byTarget: NONE,
  }
}

/** Wrong in itself, whatever it shall become. */
function isUnreadable(code: string): boolean {
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

async function refuseWrites(house: House, { language, text }: TargetQuery): Promise<void> {
  if (language === 'sigma') return
  const { isAllowed, problems } = await guardQuery(house.workers, { language, text })
  if (isAllowed) return
  throw new AppError(
    'invalid',
    'A search only reads, and this query does more or cannot be read.',
    {
      details: { problems },
    },
  )
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
