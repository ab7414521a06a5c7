// As much of a Kusto query as is needed to put a step into it: where its statements and steps begin, past
// strings, comments and brackets. What is not understood is left as it is. Source: learn.microsoft.com,
// Kusto "String literals", "Query statement types", read 2026-11.

export interface QueryParts {
  /** Of the one statement that answers rows. */
  readonly source: Part
  readonly steps: readonly Part[]
  /** Names that `let` gives before it. */
  readonly lets: readonly string[]
  /** Rows are made beside the steps too: in brackets, or by a `let`. */
  readonly hasInnerSteps: boolean
}

interface Part {
  /** Without comments at its ends. */
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Undefined when there is not exactly one statement that answers rows. */
export function readQuery(text: string): QueryParts | undefined {
  const { cuts, hasInner } = split(text)
  const statements = cuts
    .map((parts) => parts.map(([start, end]) => partOf(text, start, end)))
    .filter(([first, second]) => first !== undefined && (first.text !== '' || second !== undefined))
  const isHead = (one: readonly Part[]) =>
    /^(?:let|set|declare|alias|restrict)\b/i.test(one[0]!.text)
  const [answering, another] = statements.filter((one) => !isHead(one))
  const isLast = answering !== undefined && statements.at(-1) === answering
  if (answering === undefined || another !== undefined || !isLast) return undefined
  const [source, ...steps] = answering
  const lets = statements.flatMap(([head]) => /^let\s+(\w+)/i.exec(head!.text)?.[1] ?? [])
  if (source === undefined || source.text === '') return undefined
  const hasInnerSteps = hasInner || statements.some((one) => one !== answering && one.length > 1)
  return { source, steps, lets, hasInnerSteps }
}

/** At most so many rows, where a step can be put in for it. */
export function withRowsMax(text: string, rows: number): string {
  const parts = readQuery(text)
  const last = parts?.steps.at(-1) ?? parts?.source
  if (last === undefined) return text
  // A drawing comes last.
  if (/^render\b/i.test(last.text)) {
    return `${text.slice(0, last.start)} take ${rows}\n|${text.slice(last.start)}`
  }
  return `${text.slice(0, last.end)}\n| take ${rows}${text.slice(last.end)}`
}

/** Each row of these comes from one row of before, whatever the others are. */
const ROW_BY_ROW = new Set([
  'where',
  'filter',
  'extend',
  'project',
  'project-away',
  'project-keep',
  'project-rename',
  'project-reorder',
  'parse',
  'parse-where',
  'parse-kv',
  'mv-expand',
])

/**
 * The rows of the query that come from `from` up to before `to`; undefined where its rows do not come from
 * one event each, so that parts of the time do not add up to the whole.
 */
export function sliced(text: string, from: number, to: number): string | undefined {
  const parts = readQuery(text)
  if (parts === undefined) return undefined
  const { source, steps, lets } = parts
  const isTable = /^[A-Za-z_]\w*$/.test(source.text) && !lets.includes(source.text)
  const names = steps.map((step) => /^[a-z-]+/i.exec(step.text)?.[0].toLowerCase() ?? '')
  if (!isTable || !names.every((name) => ROW_BY_ROW.has(name))) return undefined
  const [after, before] = [from, to].map((at) => `datetime(${new Date(at).toISOString()})`)
  const { end } = source
  return `${text.slice(0, end)}\n| where TimeGenerated >= ${after} and TimeGenerated < ${before}${text.slice(end)}`
}

function partOf(text: string, start: number, end: number): Part {
  return { text: withoutComments(text.slice(start, end)), start, end }
}

function withoutComments(text: string): string {
  return text
    .trim()
    .replace(/^(?:\/\/[^\n]*(?:\n\s*|$))+/, '')
    .replace(/(?:\s*\/\/[^\n]*)+$/, (comment) => (/["'`~]/.test(comment) ? comment : ''))
    .trim()
}

// A string, verbatim or not, also of many lines; a comment; a bracket or a separator.
const TOKEN =
  /```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|@"(?:[^"]|"")*"?|@'(?:[^']|'')*'?|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\/\/[^\n]*|[()[\]{}|;]/g

/** What is neither in a string nor in a comment. */
export function codeOf(text: string): string {
  return text.replaceAll(TOKEN, (token) => (/^["'@`~/]/.test(token) ? ' ' : token))
}

interface Cuts {
  /** Statements of parts, as offsets: cut at `;` and `|` outside of brackets. */
  readonly cuts: readonly (readonly (readonly [number, number])[])[]
  /** There is a `|` inside of brackets. */
  readonly hasInner: boolean
}

function split(text: string): Cuts {
  const cuts: [number, number][][] = [[]]
  let hasInner = false
  let depth = 0
  let start = 0
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (/^[([{]$/.test(token)) depth++
    else if (/^[)\]}]$/.test(token)) depth--
    else if (token === '|' && depth !== 0) hasInner = true
    else if (depth === 0 && (token === '|' || token === ';')) {
      cuts.at(-1)!.push([start, index])
      start = index + 1
      if (token === ';') cuts.push([])
    }
  }
  cuts.at(-1)!.push([start, text.length])
  return { cuts, hasInner }
}
