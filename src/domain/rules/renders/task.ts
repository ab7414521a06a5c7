// Rules compiled for every kind of place, in a worker thread.

import type { WorkerTask } from '#platform/worker.ts'
import { readRuleText } from '#domain/rules/content.ts'
import { writeBodies, type RenderedBody } from './body.ts'
import { renderRule, type Rendering, type RenderInput } from './render.ts'

export interface RenderedRule {
  /** One for each kind of place. */
  readonly renderings: readonly Rendering[]
  /** Those of a rule that compiles, by kind and overlay. */
  readonly bodies: readonly RenderedBody[]
}

/** In the order of the rules. */
export const renderRules: WorkerTask<readonly RenderInput[], readonly RenderedRule[]> = {
  worker: 'rules',
  name: 'rules.render',
}

export function renderRulesHere(inputs: readonly RenderInput[]): readonly RenderedRule[] {
  return inputs.map(renderWhole)
}

export function renderWhole(input: RenderInput): RenderedRule {
  const renderings = renderRule(input)
  const { value: content } = readRuleText(input.text)
  return { renderings, bodies: content ? writeBodies(input, content, renderings) : [] }
}
