// Pipelines: what stands between a rule as the community writes it and the fields and log sources of
// one place. Reads the community's YAML format. Several pipelines are merged by priority, the lowest
// first, whatever order they are named in. Transformations that would run commands, fetch addresses
// or read files are refused: a rule collection must not reach beyond the rules.

import { nearest, type Problem } from '#kernel/problem.ts'
import { selectNames, type Condition } from './condition.ts'
import { CONDITIONS, type Conditions } from './pipeline-conditions.ts'
import { RuleFailure, settle, startState, type RuleState } from './pipeline-state.ts'
import { readFinalizers, readPostprocessing, type Finalizer, type PostStep } from './postprocess.ts'
import type { SigmaRule } from './rule.ts'
import { Source } from './source.ts'
import { missingIn, TRANSFORMATIONS } from './transformations.ts'
import { readYaml, toData } from './yaml.ts'

/** One document in the community's format; unknown keys are problems, not surprises. */
export interface PipelineData {
  readonly name?: string
  readonly priority?: number
  readonly vars?: Readonly<Record<string, unknown>>
  readonly transformations?: readonly StepData[]
  readonly postprocessing?: readonly StepData[]
  readonly finalizers?: readonly StepData[]
}

export interface StepData extends Conditions {
  readonly id?: string
  readonly type: string
  readonly [option: string]: unknown
}

interface Step {
  readonly data: StepData
  apply(state: RuleState): void
}

export interface Pipeline {
  readonly name: string
  readonly priority: number
  readonly vars: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
  readonly postprocessing: readonly PostStep[]
  readonly finalizers: readonly Finalizer[]
  /** The names it gives and the conditions it adds are the place's own: ours leave them alone. */
  readonly isOfTarget?: true
}

const REFUSED = new Set(['command_placeholders', 'http_placeholders', 'file_placeholders'])
/** Steps within steps deeper than this are a mistake. */
const NESTING_MAX = 8

export function parsePipeline(
  text: string,
  name: string,
): {
  readonly pipeline?: Pipeline
  readonly data?: PipelineData
  readonly problems: readonly Problem[]
} {
  const source = new Source(text)
  const [document] = readYaml(source)
  if (source.problems.length > 0) return { problems: source.problems }
  const data = document?.root && toData(document.root)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return { problems: [problemOf(`${name} is no pipeline: a map with transformations.`)] }
  }
  const read = readPipeline({ name, ...data })
  return { ...read, ...(read.pipeline && { data }) }
}

export function readPipeline(data: PipelineData): {
  readonly pipeline?: Pipeline
  readonly problems: readonly Problem[]
} {
  const mistakes: string[] = []
  const name = data.name ?? 'pipeline'
  const listOf = (key: 'transformations' | 'postprocessing' | 'finalizers') => {
    const listed: unknown = data[key] ?? []
    if (Array.isArray(listed)) return listed as readonly StepData[]
    mistakes.push(`${name}: "${key}" is no list.`)
    return []
  }
  const report = (where: string) => (mistake: string) =>
    void mistakes.push(`${name}, ${where}${mistake}`)
  const steps = readSteps(listOf('transformations'), report('step '))
  const postprocessing = readPostprocessing(listOf('postprocessing'), report('postprocessing '))
  const finalizers = readFinalizers(listOf('finalizers'), report('finalizer '))
  if (mistakes.length > 0) return { problems: mistakes.map(problemOf) }
  const { priority = 0, vars = {} } = data
  return { pipeline: { name, priority, vars, steps, postprocessing, finalizers }, problems: [] }
}

type ReportMistake = (mistake: string) => void

function readSteps(listed: readonly StepData[], report: ReportMistake, depth = 0): readonly Step[] {
  return listed.flatMap((data, index) => {
    const reportHere = (mistake: string) => report(`${index + 1}${mistake}`)
    if (typeof data !== 'object' || data === null) {
      reportHere(' is no map.')
      return []
    }
    if (typeof data.type !== 'string') {
      reportHere(' has no "type".')
      return []
    }
    for (const one of [...CONDITIONS.unknownIn(data), ...missingIn(data)]) reportHere(`: ${one}.`)
    if (data.type === 'nest') return readNest(data, reportHere, depth)
    const row = TRANSFORMATIONS.get(data.type)
    if (row !== undefined) return [{ data, apply: (state) => row.apply(state, data) }]
    reportHere(`: ${refusal(data.type)}`)
    return []
  })
}

function readNest(data: StepData, report: ReportMistake, depth: number): readonly Step[] {
  const items = data['items']
  if (!Array.isArray(items) || depth >= NESTING_MAX) {
    report(depth < NESTING_MAX ? ': "nest" needs a list "items".' : ': it is nested too deep.')
    return []
  }
  const steps = readSteps(items as readonly StepData[], (one) => report(`, step ${one}`), depth + 1)
  return [{ data, apply: (state) => runSteps(steps, state) }]
}

function refusal(type: string): string {
  if (REFUSED.has(type)) return `"${type}" would reach outside the rules and is refused.`
  const near = nearest(type, TRANSFORMATIONS.keys())
  return `there is no transformation "${type}"${near ? `; did you mean "${near}"?` : '.'}`
}

export interface Transformed {
  readonly rule?: SigmaRule
  /** What pipelines left for backends: `index`, `query_table` and the like. */
  readonly state: ReadonlyMap<string, unknown>
  readonly problems: readonly Problem[]
  /** What the pipelines make of a query printed from the rule. */
  finish(query: string): string
}

/** The rule as the pipelines make it; a pipeline may refuse a rule by name. */
export function applyPipelines(rule: SigmaRule, pipelines: readonly Pipeline[]): Transformed {
  const ordered = inOrder(pipelines)
  const vars = Object.assign({}, ...ordered.map((one) => one.vars)) as Record<string, unknown>
  const state: RuleState = startState(rule, vars)
  try {
    for (const { steps, isOfTarget } of ordered) {
      const named = isOfTarget ? new Set(state.rule.detections.searches.keys()) : undefined
      runSteps(steps, state)
      if (named) settle(state, named)
    }
    state.rule = withoutEmpty(state.rule)
  } catch (error) {
    if (!(error instanceof RuleFailure)) throw error
    const problems = [problemOf(error.message)]
    return { state: state.values, problems, finish: (query) => query }
  }
  const finish = (query: string) =>
    ordered
      .flatMap((one) => one.postprocessing)
      .filter(({ data }) => CONDITIONS.rule(data, state))
      .reduce((text, step) => step.apply(text, state), query)
  return { rule: state.rule, state: state.values, problems: [], finish }
}

/** All queries of one run as the text the pipelines want; one line each when they want nothing. */
export function finalize(queries: readonly string[], pipelines: readonly Pipeline[]): string {
  const [first, ...more] = inOrder(pipelines).flatMap((one) => one.finalizers)
  if (first === undefined) return queries.join('\n')
  return more.reduce((text, finalizer) => finalizer([text]), first(queries))
}

/**
 * Searches of which dropped items left nothing say nothing any more, neither yes nor no. Throws
 * `RuleFailure` when that is the whole rule, which would else match every event.
 */
function withoutEmpty(rule: SigmaRule): SigmaRule {
  const { searches } = rule.detections
  const empty = new Set([...searches].flatMap(([name, { items }]) => (items.length ? [] : [name])))
  if (empty.size === 0) return rule
  const kept = new Map([...searches].filter(([name]) => !empty.has(name)))
  const conditions = rule.detections.conditions.map((condition) => {
    const tree = pruned(condition.tree, empty, [...kept.keys()])
    if (tree === undefined) throw new RuleFailure('The pipelines leave nothing to search for')
    return { ...condition, tree }
  })
  return { ...rule, detections: { searches: kept, conditions } }
}

function pruned(
  tree: Condition,
  empty: ReadonlySet<string>,
  kept: readonly string[],
): Condition | undefined {
  switch (tree.kind) {
    case 'identifier':
      return empty.has(tree.name) ? undefined : tree
    case 'selector':
      return selectNames(tree.pattern, kept).length === 0 ? undefined : tree
    case 'not': {
      const of = pruned(tree.of, empty, kept)
      return of && { ...tree, of }
    }
    case 'and':
    case 'or': {
      const of = tree.of.flatMap((operand) => pruned(operand, empty, kept) ?? [])
      return of.length === 0 ? undefined : of.length === 1 ? of[0] : { ...tree, of }
    }
  }
}

function inOrder(pipelines: readonly Pipeline[]): readonly Pipeline[] {
  return pipelines.toSorted((a, b) => a.priority - b.priority)
}

function runSteps(steps: readonly Step[], state: RuleState): void {
  for (const step of steps) {
    const { data } = step
    if (!CONDITIONS.rule(data, state)) continue
    step.apply(state)
    if (data.id !== undefined) state.appliedSteps.add(data.id)
  }
}

function problemOf(message: string): Problem {
  return { code: 'sigma/pipeline', severity: 'error', message }
}
