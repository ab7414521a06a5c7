// What Microsoft's parser and binder found, as problems of ours: named codes, places in lines, hints.
// A name they do not know is a warning as long as our tables are only the published ones: a workspace
// has tables of its own. With a schema given it is an error. Whatever the binder says beside an
// unknown name may follow from it and is a warning too.

import { nearest, type LineMap, type Problem } from '#kernel/problem.ts'
import type { QuerySchema } from '#languages/query.ts'
import { INVOKED, knownFunctions } from './functions.ts'
import { allTables, columnsOf } from './globals.ts'
import { builtIns, toArray, type Code, type Diagnostic } from './microsoft.ts'
import { TABLES_AS_OF } from './tables.ts'

// Other numbers keep theirs: `kusto/ks145`.
const NAMES: Readonly<Record<string, string>> = {
  KS001: 'missing',
  KS002: 'unexpected',
  KS003: 'malformed',
  KS004: 'malformed',
  KS005: 'expected',
  KS006: 'expected',
  KS106: 'wrong-operand',
  KS107: 'wrong-type',
  KS109: 'unknown-name',
  KS119: 'wrong-arguments',
  KS120: 'wrong-arguments',
  KS121: 'wrong-arguments',
  KS142: 'unknown-name',
  KS145: 'unknown-join-column',
  KS176: 'unknown-operator',
  KS179: 'unknown-option',
  KS198: 'incomplete',
  KS204: 'unknown-table',
  KS205: 'unknown-table',
  KS211: 'unknown-function',
  KS244: 'too-long',
  KS245: 'too-deep',
}
const ABOUT_NAMES = new Set([
  'KS109',
  'KS142',
  'KS145',
  'KS199',
  'KS204',
  'KS205',
  'KS209',
  'KS211',
])
// The guard has its own word about what reaches beyond the workspace.
const ELSEWHERE = new Set(['adx', 'app', 'arg', 'resource', 'workspace'])
const IN_INVOKED = new RegExp(String.raw`\binvoke\s+(?:${INVOKED.join('|')})\s*\([^()|]*$`, 'i')
const OPERATORS = `as consume count distinct evaluate extend facet find fork getschema invoke join
  limit lookup make-series mv-apply mv-expand order parse parse-kv parse-where partition print project
  project-away project-keep project-rename project-reorder range reduce render sample sample-distinct
  scan search serialize sort summarize take top top-hitters top-nested union where`.split(/\s+/)

export function problemsOf(
  code: Code,
  text: string,
  map: LineMap,
  schema: QuerySchema | undefined,
): readonly Problem[] {
  const syntax = toArray(code.GetSyntaxDiagnostics())
  const all = toArray(code.GetDiagnostics())
  const isSyntax = (one: Diagnostic) =>
    syntax.some(({ Code, Start }) => Code === one.Code && Start === one.Start)
  const isReachingOut = all.some((one) => isElsewhere(one, text))
  // Columns of elsewhere are nobody's here.
  const firstBroken = Math.min(...syntax.map((one) => one.Start))
  const found = all.filter((one) => {
    if (isElsewhere(one, text) || (isReachingOut && one.Code === 'KS142')) return false
    return isSyntax(one) ? !followsUnknown(one, syntax, text) : one.Start < firstBroken
  })
  const hasUnknown = found.some((one) => ABOUT_NAMES.has(one.Code))
  const isLoose = schema?.tables === undefined
  return found.map((one) => {
    const isDoubtful = !isSyntax(one) && isLoose && hasUnknown
    const severity = one.Severity === 'Error' && !isDoubtful ? 'error' : 'warning'
    const hint = hintFor(one, text, schema)
    return {
      code: `kusto/${nameOf(one)}`,
      severity,
      message: one.Message,
      ...map.span(one.Start, one.Start + one.Length),
      ...(hint === undefined ? {} : { hint }),
    }
  })
}

// After a word that is no operator the parser asks for the end of the statement: said once is enough.
function followsUnknown(one: Diagnostic, all: readonly Diagnostic[], text: string): boolean {
  return all.some(({ Code, Start, Length }) => {
    const end = Start + Length
    return (
      Code === 'KS176' && Length > 0 && one.Start >= end && text.slice(end, one.Start).trim() === ''
    )
  })
}

function nameOf({ Code, Length }: Diagnostic): string {
  if (Code === 'KS176' && Length === 0) return 'expected' // nothing stands where an operator must
  return NAMES[Code] ?? Code.toLowerCase()
}

function isElsewhere({ Code, Start, Length }: Diagnostic, text: string): boolean {
  if (Code === 'KS142') return IN_INVOKED.test(text.slice(0, Start))
  return Code === 'KS211' && ELSEWHERE.has(text.slice(Start, Start + Length).toLowerCase())
}

function hintFor(
  { Code, Start, Length }: Diagnostic,
  text: string,
  schema: QuerySchema | undefined,
): string | undefined {
  const word = wordAt(text, Start, Length)
  switch (Code) {
    case 'KS176':
      return didYouMean(/^[\w-]+/.exec(text.slice(Start))?.[0] ?? '', OPERATORS)
    case 'KS198':
      return 'Something is missing at the end, such as an operator after “|”.'
    case 'KS204':
      return didYouMean(word, allTables(schema)) ?? asOf(schema, 'table')
    case 'KS211':
      return didYouMean(word, functionNames())
    case 'KS109':
    case 'KS142':
      return didYouMean(word, columnsNamed(text, schema)) ?? asOf(schema, 'column')
    default:
      return undefined
  }
}

function wordAt(text: string, start: number, length: number): string {
  return text.slice(start, start + length).replaceAll(/^\['?|'?\]$/g, '')
}

function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  const meant = word === '' ? undefined : nearest(word, candidates)
  return meant === undefined || meant === word ? undefined : `Did you mean ${meant}?`
}

function asOf(schema: QuerySchema | undefined, what: string): string | undefined {
  if (schema?.tables !== undefined) return undefined
  return `The built-in tables are as of ${TABLES_AS_OF}; a ${what} of your own comes with --schema.`
}

function columnsNamed(text: string, schema: QuerySchema | undefined): readonly string[] {
  const words = new Set(text.match(/\w+/g))
  return [...words].flatMap((word) => [...(columnsOf(word, schema)?.keys() ?? [])])
}

function functionNames(): readonly string[] {
  const builtIn = [...builtIns('Functions'), ...builtIns('Aggregates')].map((one) => one.Name)
  return [...builtIn, ...[...knownFunctions().values()].map((one) => one.name)]
}
