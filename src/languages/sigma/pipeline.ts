// Pipelines: what stands between a rule as the community writes it and the fields and log sources of
// one place. Reads the community's YAML format. Several pipelines are merged by priority, the lowest
// first, whatever order they are named in. Transformations that would run commands, fetch addresses
// or read files are refused: a rule collection must not reach beyond the rules.

import { nearest, type Problem } from '#kernel/problem.ts'
import { CONDITIONS, type Conditions } from './pipeline-conditions.ts'
import type { RuleState } from './pipeline-state.ts'
import { REQUIRED, TRANSFORMATIONS, type Transformation } from './transformations.ts'
import type { SigmaRule } from './rule.ts'
import { Source } from './source.ts'
import { readYaml, toData } from './yaml.ts'
import { RuleFailure, startState } from './pipeline-state.ts'

/** One document in the community's format; unknown keys are problems, not surprises. */
export interface PipelineData {
  readonly name?: string
  readonly priority?: number
  readonly vars?: Readonly<Record<string, unknown>>
  readonly transformations?: readonly StepData[]
}

export interface StepData extends Conditions {
  readonly id?: string
  readonly type: string
  readonly [option: string]: unknown
}

interface Step {
  readonly id: string | undefined
  readonly data: StepData
  readonly apply: Transformation
}

export interface Pipeline {
  readonly name: string
  readonly priority: number
  readonly vars: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
}

const REFUSED = new Set(['command_placeholders', 'http_placeholders', 'file_placeholders'])
const CONTROL_KEYS = new Set(['postprocessing', 'finalizers'])

export function parsePipeline(
  text: string,
  name: string,
): { readonly pipeline?: Pipeline; readonly problems: readonly Problem[] } {
  const source = new Source(text)
  const [document] = readYaml(source)
  if (source.problems.length > 0) return { problems: source.problems }
  const data = document?.root && toData(document.root)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return { problems: [problemOf(`${name} is no pipeline: a map with transformations.`)] }
  }
  return readPipeline({ name, ...data })
}

export function readPipeline(data: PipelineData): {
  readonly pipeline?: Pipeline
  readonly problems: readonly Problem[]
} {
  const problems: Problem[] = []
  const name = data.name ?? 'pipeline'
  for (const key of Object.keys(data).filter((one) => CONTROL_KEYS.has(one))) {
    const list = (data as Readonly<Record<string, unknown>>)[key]
    if (!Array.isArray(list) || list.length > 0) {
      problems.push(
        problemOf(`${name}: "${key}" is not supported; queries are printed as they are.`),
      )
    }
  }
  const listed: unknown = data.transformations ?? []
  if (!Array.isArray(listed)) {
    return { problems: [problemOf(`${name}: "transformations" is no list.`)] }
  }
  const steps = (listed as readonly StepData[]).flatMap((step, index): readonly Step[] => {
    const where = `${name}, step ${index + 1}`
    if (typeof step !== 'object' || step === null) {
      problems.push(problemOf(`${where} is no map.`))
      return []
    }
    if (typeof step.type !== 'string') {
      problems.push(problemOf(`${where} has no "type".`))
      return []
    }
    const apply = TRANSFORMATIONS.get(step.type)
    const unknown = CONDITIONS.unknownIn(step)
    const missing = missingIn(step)
    for (const one of [...unknown, ...missing]) problems.push(problemOf(`${where}: ${one}.`))
    if (apply !== undefined) return [{ id: step.id, data: step, apply }]
    problems.push(problemOf(`${where}: ${refusal(step.type)}`))
    return []
  })
  if (problems.length > 0) return { problems }
  const { priority = 0, vars = {} } = data
  return { pipeline: { name, priority, vars, steps }, problems }
}

function missingIn(step: StepData): readonly string[] {
  return Object.entries(REQUIRED[step.type] ?? {}).flatMap(([key, shape]) => {
    const value = step[key]
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    const isPlain = typeof value === 'string' || typeof value === 'number'
    const isThere = shape === 'any' ? key in step : shape === 'map' ? isMap : isPlain
    return isThere ? [] : [`"${step.type}" needs ${shape === 'map' ? 'a map' : 'a value'} "${key}"`]
  })
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
}

/** The rule as the pipelines make it; a pipeline may refuse a rule by name. */
export function applyPipelines(rule: SigmaRule, pipelines: readonly Pipeline[]): Transformed {
  const ordered = pipelines.toSorted((a, b) => a.priority - b.priority)
  const vars = Object.assign({}, ...ordered.map((one) => one.vars)) as Record<string, unknown>
  const state: RuleState = startState(rule, vars)
  try {
    for (const { id, data, apply } of ordered.flatMap(({ steps }) => steps)) {
      if (!CONDITIONS.rule(data, state)) continue
      apply(state, data)
      if (id !== undefined) state.appliedSteps.add(id)
    }
  } catch (error) {
    if (!(error instanceof RuleFailure)) throw error
    return { state: state.values, problems: [problemOf(error.message)] }
  }
  return { rule: state.rule, state: state.values, problems: [] }
}

function problemOf(message: string): Problem {
  return { code: 'sigma/pipeline', severity: 'error', message }
}
