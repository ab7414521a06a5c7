// Rules compiled for every kind of place, in a worker thread.

import type { WorkerTask } from '#platform/worker.ts'
import { renderRule, type Rendering, type RenderInput } from './render.ts'

/** In the order of the rules; for each one rendering a kind. */
export const renderRules: WorkerTask<readonly RenderInput[], readonly (readonly Rendering[])[]> = {
  worker: 'rules',
  name: 'rules.render',
}

export function renderRulesHere(inputs: readonly RenderInput[]): readonly (readonly Rendering[])[] {
  return inputs.map(renderRule)
}
