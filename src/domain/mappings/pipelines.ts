// The pipelines that stand between rules and one target.

import type { Problem } from '#kernel/problem.ts'
import type { BuiltinName } from '#languages/sigma/names.ts'
import { readPipeline, type Pipeline, type PipelineData } from '#languages/sigma/pipeline.ts'
import { builtinPipeline } from '#languages/sigma/pipelines/builtin.ts'
import { FITTING, type MappedPlace, type MappingContent } from './mapping.ts'

/** One of the product. Made once: what a pipeline is made of is many times a rule. */
export function pipelineNamed(name: BuiltinName): Pipeline {
  const known = made.get(name) ?? builtinPipeline(name)!
  made.set(name, known)
  return known
}
const made = new Map<BuiltinName, Pipeline>()

export interface PlacePipelines {
  readonly pipelines: readonly Pipeline[]
  readonly problems: readonly Problem[]
}

/** In no order: priorities decide. A mapping that cannot be read is a problem of every rule there. */
export function pipelinesAt(place: MappedPlace): PlacePipelines {
  const known = read.get(place)
  if (known !== undefined) return known
  const { mapping, kind } = place
  const [usual] = FITTING[kind]
  const chosen = mapping?.pipelines ?? []
  const names = chosen.length > 0 ? chosen : usual ? [usual] : []
  const ours = names.map(pipelineNamed)
  const own = mapping === null ? {} : readOwn(place, mapping)
  const found =
    'problems' in own
      ? { pipelines: [], problems: own.problems }
      : { pipelines: own.pipeline ? [...ours, own.pipeline] : ours, problems: [] }
  read.set(place, found)
  return found
}

/** Asked for every rule of a batch, with the same place. */
const read = new WeakMap<MappedPlace, PlacePipelines>()

type Own = { readonly pipeline?: Pipeline } | { readonly problems: readonly Problem[] }

function readOwn({ name, parameters }: MappedPlace, { document }: MappingContent): Own {
  const missing = new Set<string>()
  const given = withParameters(document, parameters, missing) as PipelineData
  if (missing.size > 0) return { problems: [...missing].map(noParameter) }
  const { pipeline, problems } = readPipeline({ name, ...given })
  return pipeline === undefined ? { problems } : { pipeline: { ...pipeline, isOfTarget: true } }
}

const PARAMETER = /\$\{([\w-]+(?:\.[\w-]+)+)\}/g

/** `${index.windows}` in any text of the document; a name without a dot may be meant as it is. */
function withParameters(
  data: unknown,
  given: Readonly<Record<string, string>>,
  missing: Set<string>,
): unknown {
  if (typeof data === 'string') {
    return data.replaceAll(PARAMETER, (written, name: string) => {
      if (Object.hasOwn(given, name)) return given[name]!
      missing.add(name)
      return written
    })
  }
  if (Array.isArray(data)) return data.map((one) => withParameters(one, given, missing))
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(
    Object.entries(data).map(([key, one]) => [key, withParameters(one, given, missing)]),
  )
}

function noParameter(name: string): Problem {
  return {
    code: 'mapping/parameter',
    severity: 'error',
    message: `The mapping of the target needs the parameter ${name}, which nobody gives a value.`,
    hint: 'Give it to the target in its settings.',
  }
}
