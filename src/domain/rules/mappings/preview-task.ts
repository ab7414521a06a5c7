// What another mapping would make of rules at its target, in a worker thread: compiled with and without.

import type { MappedPlace } from '#domain/mappings/mapping.ts'
import type { WorkerTask } from '#platform/worker.ts'
import type { MappingEffect } from './effect.ts'
import { openRenderer, type Rendering, type RenderInput } from '#domain/rules/renders/render.ts'

export interface MappedRule {
  readonly effect: MappingEffect
  /** The query and where it looks, or why there is none. */
  readonly before: string
  readonly after: string
}

export interface MappingsToCompare {
  readonly inputs: readonly RenderInput[]
  readonly before: MappedPlace
  readonly after: MappedPlace
}

/** In the order of the rules; null for one that stays what it is. */
export const previewMapping: WorkerTask<MappingsToCompare, readonly (MappedRule | null)[]> = {
  worker: 'rules',
  name: 'rules.preview_mapping',
}

export function previewMappingHere({
  inputs,
  before,
  after,
}: MappingsToCompare): readonly (MappedRule | null)[] {
  return inputs.map((input) => {
    const { isCompiled, renderForTarget } = openRenderer(input)
    if (!isCompiled(before.kind)) return null
    const [was, is] = [before, after].map((place) =>
      renderForTarget(place.kind, place.mapping === null ? null : place),
    ) as [Rendering, Rendering]
    if (was.state === 'refused' && is.state === 'refused') return null
    const texts = { before: textOf(was), after: textOf(is) }
    if (was.state === 'refused') return { effect: 'gained', ...texts }
    if (is.state === 'refused') return { effect: 'lost', ...texts }
    return texts.before === texts.after ? null : { effect: 'changed', ...texts }
  })
}

function textOf({ state, queries, indexes, problems }: Rendering): string {
  if (state === 'refused') return problems.map(({ message }) => message).join('\n')
  const where = indexes.length > 0 ? [`over ${indexes.join(', ')}`] : []
  return [...where, ...queries].join('\n')
}
