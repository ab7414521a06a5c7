// Shows a change and the form that edits it: as they are, and again after an act that was refused.

import { z } from 'zod'
import { findSecondFactors } from '#domain/access/factors.ts'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { hasProvedLately } from '#domain/access/session.ts'
import { getChange } from '#domain/changes/actions.ts'
import type { ChangeWhole } from '#domain/changes/change.ts'
import { readImpact } from '#domain/changes/impact.ts'
import { listDeployments } from '#domain/deployments/reading.ts'
import type { UserId } from '#kernel/id.ts'
import { ChangePage, Standing, type ChangePageProps } from '#views/changes/change-page.tsx'
import { EditChangePage } from '#views/changes/edit-page.tsx'
import { ImpactPanel, type ImpactShown } from '#views/changes/impact.tsx'
import type { SigningShown } from '#views/changes/shown.ts'
import type { FieldProblems } from '#views/parts/field.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readId, readQuery } from '#http/input.ts'
import { fragment, page, wantsOnly, type PageOptions } from '#http/respond.tsx'
import { countVerdicts, showItems, showTests } from './change-shown.ts'

export const rootOf = (c: HttpContext) => `${placeOf(c)}/changes`
export const trailOf = (c: HttpContext) => [{ label: 'Changes', href: rootOf(c) }]

/** Each is compared by workers and told in words. */
const ITEMS_SHOWN = 10
const RUNS_SHOWN = 10
const ShowQuery = z.object({ from: z.coerce.number().int().min(1).default(1).catch(1) })

export interface Refused {
  /** Why the last act was refused, and what was typed with it. */
  readonly refusal?: string
  readonly typed?: string
  readonly status?: PageOptions['status']
}

export async function showChange(c: HttpContext, refused: Refused): Promise<Response> {
  const whole = await getChange(c.var.house, callerOf(c), readId(c, 'chg'))
  const props = await propsOf(c, whole, refused)
  if (wantsOnly(c, 'change-impact') && props.impact) {
    return fragment(c, <ImpactPanel {...props.impact} />)
  }
  if (wantsOnly(c, 'change-standing')) return fragment(c, <Standing {...props} />)
  const { title } = whole.change
  const status = refused.status ?? 200
  return page(c, { title, trail: trailOf(c), status }, <ChangePage {...props} />)
}

async function propsOf(
  c: HttpContext,
  whole: ChangeWhole,
  { refusal, typed }: Refused,
): Promise<ChangePageProps> {
  const { house } = c.var
  const caller = callerOf(c)
  const { change, items } = whole
  const { from } = readQuery(c, ShowQuery)
  const offset = from > items.length ? 0 : from - 1
  const here = items.slice(offset, offset + ITEMS_SHOWN)
  const actors = [
    change.createdBy,
    ...whole.comments.map(({ by }) => by),
    ...whole.events.map(({ by }) => by),
    ...items.flatMap(({ waivers }) => waivers.map(({ by }) => by)),
  ]
  const runs = { changeId: change.id, limit: RUNS_SHOWN }
  return {
    whole,
    path: `${rootOf(c)}/${change.id}`,
    home: placeOf(c),
    names: await namesOf(house, caller, actors),
    shown: await showItems(c, here),
    offset,
    tests: await showTests(c, here),
    verdicts: await countVerdicts(c, items),
    deployments: can(caller, 'deployment.read')
      ? (await listDeployments(house, caller, runs)).items
      : [],
    impact: await impactOf(c, whole),
    may: {
      write: can(caller, 'change.write'),
      sign: can(caller, 'change.sign'),
      deploy: can(caller, 'deployment.run'),
      breakGlass: can(caller, 'change.breakglass'),
    },
    signing: await signingOf(c, whole),
    refusal: refusal ?? null,
    typed: typed ?? '',
  }
}

/** What others are asked in the name of a change is for those who may ask targets. */
async function impactOf(c: HttpContext, { change }: ChangeWhole): Promise<ImpactShown | null> {
  const caller = callerOf(c)
  if (!can(caller, 'search.run')) return null
  return {
    path: `${rootOf(c)}/${change.id}`,
    searches: `${placeOf(c)}/searches`,
    impact: await readImpact(c.var.house, caller, change.id),
    mayAsk: can(caller, 'search.run'),
  }
}

async function signingOf(c: HttpContext, whole: ChangeWhole): Promise<SigningShown> {
  const caller = callerOf(c)
  const me = caller.actor as UserId
  const { passkeyCount } = await findSecondFactors(c.var.house, caller, me)
  return {
    byPasskey: whole.change.policy.passkeySigning,
    hasPasskey: passkeyCount > 0,
    isProved: hasProvedLately(c.var.session!, caller.now),
    whyNot: whole.whoMaySign.find(({ userId }) => userId === me)?.whyNot,
    hasSigned: whole.signatures.some(
      ({ userId, voidedBecause, hash }) =>
        userId === me && voidedBecause === null && hash === whole.change.hash,
    ),
  }
}

export interface EditRefused {
  readonly given?: {
    readonly title: string
    readonly why: string
    readonly keep: readonly number[]
  }
  readonly problems?: FieldProblems
  readonly refusal?: string
}

export async function showEditForm(
  c: HttpContext,
  { given, problems = {}, refusal }: EditRefused,
): Promise<Response> {
  const { change, items } = await getChange(c.var.house, callerOf(c), readId(c, 'chg'))
  const { title, why } = change
  const props = {
    path: `${rootOf(c)}/${change.id}`,
    change,
    items: items.map(({ number, ruleTitle, targetName, action }) => {
      return { number, ruleTitle, targetName, action }
    }),
    given: given ?? { title, why, keep: items.map(({ number }) => number) },
    problems,
    refusal: refusal ?? null,
  }
  const isWrong = refusal !== undefined || Object.keys(problems).length > 0
  const trail = [...trailOf(c), { label: change.title, href: props.path }]
  const options = { title: 'Edit', trail, status: isWrong ? 422 : 200 } as const
  return page(c, options, <EditChangePage {...props} />)
}
