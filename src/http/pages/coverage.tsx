// `/w/{slug}/coverage`: what deployed rules cover of ATT&CK, and the same as a layer for its Navigator.

import { z } from 'zod'
import { can } from '#domain/access/permission.ts'
import { COVERAGE_STATES } from '#domain/health/coverage.ts'
import { listGaps } from '#domain/health/coverage-gaps.ts'
import { matrixOf } from '#domain/health/coverage-matrix.ts'
import {
  coverageLayer,
  inOrder,
  listCoverageProducts,
  readCoverage,
  readTrend,
  type Coverage,
} from '#domain/health/covering.ts'
import { CoverageQuery } from '#domain/health/input.ts'
import { adoptStarterRules } from '#domain/rules/starter.ts'
import { listGroups } from '#domain/rules/groups/actions.ts'
import { listTargets } from '#domain/targets/actions.ts'
import { PAGE_LIMIT_MAX } from '#kernel/page.ts'
import { fullName, techniqueUrl } from '#languages/attack/tags.ts'
import {
  CoveragePage,
  type ChosenTechnique,
  type NamedCell,
} from '#views/coverage/coverage-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readQuery } from '#http/input.ts'
import { changed, page } from '#http/respond.tsx'

const { target, group, product } = CoverageQuery.shape
// What a form leaves empty narrows nothing.
const Query = z.object({
  on: target.catch(undefined),
  group: group.catch(undefined),
  product: product.catch(undefined),
  state: z.enum(COVERAGE_STATES).optional().catch(undefined),
  technique: z
    .string()
    .regex(/^T\d{4}(?:\.\d{3})?$/)
    .optional()
    .catch(undefined),
})

const LACKING_SHOWN = 25
const GAPS_SHOWN = 25

export async function showCoverage(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { on, state, technique, ...narrow } = readQuery(c, Query)
  const coverage = await readCoverage(house, caller, { ...narrow, target: on })
  const { attack, cells, counts, judgedAt } = coverage
  const targets = await listTargets(house, caller, { limit: PAGE_LIMIT_MAX })
  const groups = await listGroups(house, caller, { limit: PAGE_LIMIT_MAX })
  const gaps = await listGaps(house, caller, coverage)
  const lacking = inOrder(cells.values()).filter((one) => isLacking(one.state))
  const props = {
    path: `${placeOf(c)}/coverage`,
    rules: `${placeOf(c)}/rules`,
    version: attack.version,
    judgedAt,
    counts,
    matrix: matrixOf(attack, cells),
    only: state ?? null,
    filter: { on: on ?? '', group: narrow.group ?? '', product: narrow.product ?? '' },
    targets: targets.items.map((one) => ({ id: one.target.id, name: one.target.name })),
    groups: groups.items,
    products: await listCoverageProducts(house, caller),
    chosen: technique === undefined ? null : chosenOf(coverage, technique),
    lacking: lacking.slice(0, LACKING_SHOWN).map((cell) => nameCell(coverage, cell)),
    days: await readTrend(house, caller),
    gaps: gaps.slice(0, GAPS_SHOWN),
    gapCount: gaps.length,
    mayWrite: can(caller, 'rule.write'),
  }
  return page(c, { title: 'Coverage' }, <CoveragePage {...props} />)
}

const isLacking = (state: string) => state === 'lost' || state === 'unproven'

function chosenOf(coverage: Coverage, id: string): ChosenTechnique | null {
  const { attack, cells } = coverage
  const technique = attack.techniques.get(id.toLowerCase())
  if (technique === undefined) return null
  const own = [...cells.values()].filter((cell) => `${cell.technique}.`.startsWith(`${id}.`))
  return {
    id,
    name: fullName(technique, attack),
    url: techniqueUrl(technique),
    cells: inOrder(own).map((cell) => nameCell(coverage, cell)),
  }
}

function nameCell({ attack }: Coverage, cell: Omit<NamedCell, 'name'>): NamedCell {
  const technique = attack.techniques.get(cell.technique.toLowerCase())
  return { ...cell, name: technique === undefined ? '' : fullName(technique, attack) }
}

export async function sendLayer(c: HttpContext): Promise<Response> {
  const { on, group: inGroup, product: of } = readQuery(c, Query)
  const filter = { target: on, group: inGroup, product: of }
  const layer = await coverageLayer(c.var.house, callerOf(c), filter)
  c.header('Content-Disposition', 'attachment; filename="coverage-layer.json"')
  return c.json(layer)
}

const STARTERS_MAX = 500
const Starters = z.object({
  starter: z
    .union([z.string(), z.array(z.string()).max(STARTERS_MAX)])
    .default([])
    .transform((given) => [given].flat()),
})

/** Their rules are added, and a change is begun with them: where they go is chosen there. */
export async function adoptStarters(c: HttpContext): Promise<Response> {
  const { starter } = await readForm(c, Starters)
  const ids = await adoptStarterRules(c.var.house, callerOf(c), starter)
  const chosen = new URLSearchParams({ rule: ids.join(',') }).toString()
  const place = placeOf(c)
  const mayChange = can(callerOf(c), 'change.write')
  return changed(c, {
    redirect: mayChange ? `${place}/changes/new?${chosen}` : `${place}/rules`,
    notice: `${ids.length} starter ${ids.length === 1 ? 'rule is' : 'rules are'} here now.`,
  })
}
