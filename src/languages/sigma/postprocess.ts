// What a pipeline does to printed queries: to each one (postprocessing), then to all of a run
// (finalizers). Templates know the query, the rule and the pipelines' state, and reach nothing else.

import { nearest } from '#kernel/problem.ts'
import { compileRegex } from '#languages/regex.ts'
import { stringify } from 'yaml'
import { CONDITIONS } from './pipeline-conditions.ts'
import { plainOf, type RuleState } from './pipeline-state.ts'
import type { StepData } from './pipeline.ts'
import { TEXT } from './template-values.ts'
import { compileTemplate, fillFormat, type Template } from './template.ts'

export interface PostStep {
  readonly data: StepData
  apply(query: string, state: RuleState): string
}

export type Finalizer = (queries: readonly string[]) => string

type Report = (mistake: string) => void
type Apply = PostStep['apply']

const POSTPROCESSING: Readonly<Record<string, (data: StepData, report: Report) => Apply>> = {
  embed: (data) => (query) => plainOf(data['prefix']) + query + plainOf(data['suffix']),
  simple_template: (data) => (query, state) =>
    fillFormat(plainOf(data['template']), contextOf(state, query)),
  template: (data, report) => {
    const template = readTemplate(data, report)
    return (query, state) => template(contextOf(state, query))
  },
  json: (data, report) => {
    const shape = readJson(plainOf(data['json_template']), report)
    return (query) => JSON.stringify(withQuery(shape, query))
  },
  replace: (data, report) => {
    const expression = compileRegex(plainOf(data['pattern']), [])
    const replacement = plainOf(data['replacement']).replaceAll(/\\g<(\w+)>|\\(\d+)/g, '$$$1$2')
    if (!('refusal' in expression)) return (query) => expression.replace(query, replacement)
    report(`: the pattern ${plainOf(data['pattern'])}: ${expression.refusal}.`)
    return (query) => query
  },
  nest: (data, report) => {
    const items = Array.isArray(data['items']) ? (data['items'] as readonly StepData[]) : []
    const steps = readPostprocessing(items, (one) => report(`, step ${one}`))
    return (query, state) =>
      steps
        .filter((step) => CONDITIONS.rule(step.data, state))
        .reduce((text, step) => step.apply(text, state), query)
  },
}

export function readPostprocessing(
  listed: readonly StepData[],
  report: Report,
): readonly PostStep[] {
  return listed.flatMap((data, index) => {
    const reportHere = (mistake: string) => report(`${index + 1}${mistake}`)
    const make = chosen(POSTPROCESSING, data, reportHere)
    if (make === undefined) return []
    for (const one of CONDITIONS.unknownIn(data)) reportHere(`: ${one}.`)
    return [{ data, apply: make(data, reportHere) }]
  })
}

const FINALIZERS: Readonly<Record<string, (data: StepData, report: Report) => Finalizer>> = {
  concat: (data) => (queries) =>
    plainOf(data['prefix']) +
    queries.join(data['separator'] === undefined ? '\n' : plainOf(data['separator'])) +
    plainOf(data['suffix']),
  json: (data) => (queries) => JSON.stringify(queries, null, Number(data['indent'] ?? 0)),
  yaml: (data) => (queries) => stringify(queries, { indent: Number(data['indent'] ?? 2) }),
  template: (data, report) => {
    const template = readTemplate(data, report)
    return (queries) => template({ queries })
  },
  nested: (data, report) => {
    const items = data['finalizers'] ?? data['items']
    const listed = Array.isArray(items) ? (items as readonly StepData[]) : []
    const all = readFinalizers(listed, (one) => report(`, finalizer ${one}`))
    return (queries) => {
      const [first, ...more] = all
      if (first === undefined) return queries.join('\n')
      return more.reduce((text, finalizer) => finalizer([text]), first(queries))
    }
  },
}

export function readFinalizers(listed: readonly StepData[], report: Report): readonly Finalizer[] {
  return listed.flatMap((data, index) => {
    const reportHere = (mistake: string) => report(`${index + 1}${mistake}`)
    const make = chosen(FINALIZERS, data, reportHere)
    return make === undefined ? [] : [make(data, reportHere)]
  })
}

function chosen<T>(
  known: Readonly<Record<string, T>>,
  data: StepData | null,
  report: Report,
): T | undefined {
  const type: unknown = data?.type
  if (typeof type === 'string' && Object.hasOwn(known, type)) return known[type]
  const near = typeof type === 'string' ? nearest(type, Object.keys(known)) : undefined
  report(`: there is no "${plainOf(type)}"${near ? `; did you mean "${near}"?` : '.'}`)
  return undefined
}

function readTemplate(data: StepData, report: Report): Template {
  if (data['path'] !== undefined) report(': a template from a file is refused; write it here.')
  const compiled = compileTemplate(plainOf(data['template']))
  if (!('refusal' in compiled)) return compiled.render
  report(`: the template ${compiled.refusal}.`)
  return () => ''
}

function readJson(text: string, report: Report): unknown {
  try {
    return JSON.parse(text)
  } catch {
    report(': "json_template" is no JSON.')
    return null
  }
}

function withQuery(shape: unknown, query: string): unknown {
  if (shape === '%QUERY%') return query
  if (Array.isArray(shape)) return shape.map((one) => withQuery(one, query))
  if (typeof shape !== 'object' || shape === null) return shape
  return Object.fromEntries(Object.entries(shape).map(([key, one]) => [key, withQuery(one, query)]))
}

/** What a template may name: the rule as written in its file, the pipelines' state and variables. */
function contextOf(state: RuleState, query: string): Readonly<Record<string, unknown>> {
  const { root: _root, detections: _detections, start: _start, end: _end, ...rule } = state.rule
  return {
    query,
    rule: {
      ...rule,
      tags: rule.tags.map(tagOf),
      custom_attributes: Object.fromEntries(state.attributes),
    },
    pipeline: { state: Object.fromEntries(state.values), vars: state.vars },
  }
}

/** As a text the whole tag, and by its parts. */
function tagOf(tag: string): object {
  const dot = tag.indexOf('.')
  return { namespace: tag.slice(0, Math.max(dot, 0)), name: tag.slice(dot + 1), [TEXT]: tag }
}
