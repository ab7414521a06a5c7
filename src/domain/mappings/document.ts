// A pipeline document as somebody brings it or takes it away: read from YAML with every part that is not
// understood refused by name, and written so that reading gives the same document.

import { AppError } from '#kernel/error.ts'
import { nearest, type Problem } from '#kernel/problem.ts'
import { parsePipeline, type PipelineData } from '#languages/sigma/pipeline.ts'
import { unknownOptions } from '#languages/sigma/transform-options.ts'
import { stringify } from 'yaml'

export interface ReadDocument {
  readonly document?: PipelineData
  readonly problems: readonly Problem[]
}

const NAME = 'The pipeline'
const KEYS = [
  'name',
  'priority',
  'allowed_backends',
  'vars',
  'transformations',
  'postprocessing',
  'finalizers',
]

/** Never throws; nothing of a document with a problem is taken. */
export function readDocument(text: string): ReadDocument {
  const { data, problems } = parsePipeline(text, NAME)
  if (data === undefined) return { problems }
  return checkDocument(data)
}

/** Throws `invalid` with all problems of a text that is no pipeline. */
export function requireDocument(text: string): PipelineData {
  const { document, problems } = readDocument(text)
  if (document === undefined) throw documentRefusal(problems)
  return document
}

export function documentRefusal(problems: readonly Problem[]): AppError {
  const [first] = problems
  const more = problems.length > 1 ? ` And ${problems.length - 1} more.` : ''
  return new AppError('invalid', `${first?.message ?? 'This is no pipeline.'}${more}`, {
    details: { problems: problems.slice(0, PROBLEMS_MAX) },
  })
}

const PROBLEMS_MAX = 100

/** The same for a document that is data already. */
export function checkDocument(document: PipelineData): ReadDocument {
  const mistakes = [...unknownKeys(document), ...oddValues(document)]
  const steps = document.transformations ?? []
  for (const [at, step] of steps.entries()) {
    for (const one of unknownOptions(step)) mistakes.push(`Step ${at + 1}: ${one}.`)
  }
  if (mistakes.length > 0) return { problems: mistakes.map(problemOf) }
  return { document, problems: [] }
}

function unknownKeys(document: PipelineData): readonly string[] {
  return Object.keys(document).flatMap((key) => {
    if (KEYS.includes(key)) return []
    const near = nearest(key, KEYS)
    return [`A pipeline has no part “${key}”${near ? `; did you mean “${near}”?` : '.'}`]
  })
}

function oddValues({ name, priority, vars }: PipelineData): readonly string[] {
  const odd: string[] = []
  if (name !== undefined && typeof name !== 'string') odd.push('“name” is no text.')
  if (priority !== undefined && !Number.isSafeInteger(priority)) {
    odd.push('“priority” is no whole number.')
  }
  const isMap = typeof vars === 'object' && vars !== null && !Array.isArray(vars)
  if (vars !== undefined && !isMap) odd.push('“vars” is no map.')
  return odd
}

function problemOf(message: string): Problem {
  return { code: 'mapping/document', severity: 'error', message }
}

/** Reads back as the same document. */
export function writeDocument(document: PipelineData): string {
  const plain = stringify(document, { version: '1.1', lineWidth: 0 })
  if (isSame(plain, document)) return plain
  // A text that a reader of YAML 1.1 would take for a number or a truth is among it.
  return stringify(document, {
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'QUOTE_DOUBLE',
  })
}

function isSame(text: string, document: PipelineData): boolean {
  const { data } = parsePipeline(text, NAME)
  return data !== undefined && JSON.stringify(data) === JSON.stringify(document)
}
