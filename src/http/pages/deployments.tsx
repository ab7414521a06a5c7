// `/w/{slug}/deployments`: what was written, item by item; deciding about what nobody knows; the way back.

import { z } from 'zod'
import { namesOf } from '#domain/access/names.ts'
import { can } from '#domain/access/permission.ts'
import { getChange } from '#domain/changes/actions.ts'
import { cancelDeployment, deployChange, resolveItem } from '#domain/deployments/actions.ts'
import { Verdict } from '#domain/deployments/input.ts'
import { planChange } from '#domain/deployments/plan.ts'
import { getDeployment, listDeployments } from '#domain/deployments/reading.ts'
import { rollBack, type RollbackWish } from '#domain/deployments/rollback.ts'
import { DEPLOYMENT_STATES, isOver, type DeploymentItem } from '#domain/deployments/deployment.ts'
import { AppError, forbidden } from '#kernel/error.ts'
import { isId } from '#kernel/id.ts'
import { getRule } from '#domain/rules/reading.ts'
import { DeploymentPage } from '#views/deployments/deployment-page.tsx'
import { DeploymentsPage } from '#views/deployments/deployments-page.tsx'
import { PlanPage } from '#views/deployments/plan-page.tsx'
import { DeployedItemPage } from '#views/deployments/item-page.tsx'
import { callerOf } from '#http/caller.ts'
import type { HttpContext } from '#http/env.ts'
import { placeOf } from '#http/frame.ts'
import { readForm, readId, readQuery } from '#http/input.ts'
import { changed, fragment, page, wantsOnly } from '#http/respond.tsx'
import { showChange } from './change-face.tsx'
import { compareJson } from './change-shown.ts'

const rootOf = (c: HttpContext) => `${placeOf(c)}/deployments`
const trailOf = (c: HttpContext) => [{ label: 'Deployments', href: rootOf(c) }]

const LISTED = 50
const ListQuery = z.object({
  q: z.string().max(200).default('').catch(''),
  state: z.enum(DEPLOYMENT_STATES).optional().catch(undefined),
  cursor: z.string().max(2_000).optional().catch(undefined),
})

export async function showDeployments(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { q, state, cursor } = readQuery(c, ListQuery)
  const wanted = { state, text: q, limit: LISTED, cursor }
  const shown = await listDeployments(house, caller, wanted)
  const actors = shown.items.map(({ startedBy }) => startedBy)
  const props = {
    ...shown,
    path: rootOf(c),
    changes: `${placeOf(c)}/changes`,
    filter: { q, state: state ?? '' },
    names: await namesOf(house, caller, actors),
    cursor: cursor ?? null,
  }
  return page(c, { title: 'Deployments' }, <DeploymentsPage {...props} />)
}

const ITEMS_SHOWN = 100
const UNKNOWN_SHOWN = 20
const ShowQuery = z.object({ from: z.coerce.number().int().min(1).default(1).catch(1) })

export async function showDeployment(c: HttpContext): Promise<Response> {
  const { house } = c.var
  const caller = callerOf(c)
  const { deployment, items } = await getDeployment(house, caller, readId(c, 'dep'))
  const { from } = readQuery(c, ShowQuery)
  const offset = from > items.length ? 0 : from - 1
  const props = {
    path: `${rootOf(c)}/${deployment.id}`,
    home: placeOf(c),
    deployment,
    items: items.slice(offset, offset + ITEMS_SHOWN),
    unknown: items.filter(({ state }) => state === 'unknown').slice(0, UNKNOWN_SHOWN),
    itemCount: items.length,
    offset,
    names: await namesOf(house, caller, [deployment.startedBy]),
    isOver: isOver(deployment.state),
    may: { run: can(caller, 'deployment.run') },
  }
  if (wantsOnly(c, 'deployment')) return fragment(c, <DeploymentPage {...props} />)
  const { changeTitle: title } = deployment
  return page(c, { title, trail: trailOf(c) }, <DeploymentPage {...props} />)
}

async function itemOf(c: HttpContext) {
  const id = readId(c, 'dep')
  const { deployment, items } = await getDeployment(c.var.house, callerOf(c), id)
  const number = Number(c.req.param('n'))
  const item = items.find((one) => one.number === number)
  if (!item) throw forbidden()
  return { deployment, item }
}

export async function showItem(c: HttpContext): Promise<Response> {
  const { deployment, item } = await itemOf(c)
  const path = `${rootOf(c)}/${deployment.id}`
  const props = {
    path,
    home: placeOf(c),
    deployment,
    item,
    rows: await rowsOf(c, item),
    may: { run: can(callerOf(c), 'deployment.run') },
  }
  const trail = [...trailOf(c), { label: deployment.changeTitle, href: path }]
  return page(c, { title: `Item ${item.number}`, trail }, <DeployedItemPage {...props} />)
}

async function rowsOf(c: HttpContext, { before, after }: DeploymentItem) {
  if (before === null || after === null) return null
  return compareJson(c, before, after)
}

const DeployForm = z.strictObject({
  version: z.string().max(20).optional(),
  dry: z.literal('1').optional(),
})

export async function deploy(c: HttpContext): Promise<Response> {
  const id = readId(c, 'chg')
  await getChange(c.var.house, callerOf(c), id)
  const { dry } = await readForm(c, DeployForm)
  try {
    const wish = { dryRun: dry === '1' }
    const { id: made } = await deployChange(c.var.house, callerOf(c), id, wish)
    const notice = dry === '1' ? 'The dry run has begun.' : 'The deployment has begun.'
    return changed(c, { redirect: `${rootOf(c)}/${made}`, notice })
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'forbidden') throw error
    return showChange(c, { refusal: error.message, status: 409 })
  }
}

export async function showPlan(c: HttpContext): Promise<Response> {
  const id = readId(c, 'chg')
  const { house } = c.var
  const { change } = await getChange(house, callerOf(c), id)
  const path = `${placeOf(c)}/changes/${id}`
  const trail = [
    { label: 'Changes', href: `${placeOf(c)}/changes` },
    { label: change.title, href: path },
  ]
  try {
    const plan = await planChange(house, callerOf(c), id)
    const props = { path, change, plan, refusal: null }
    return await page(c, { title: 'Plan', trail }, <PlanPage {...props} />)
  } catch (error) {
    if (!(error instanceof AppError) || error.code === 'forbidden') throw error
    const props = { path, change, plan: null, refusal: error.message }
    return page(c, { title: 'Plan', trail }, <PlanPage {...props} />)
  }
}

export async function cancel(c: HttpContext): Promise<Response> {
  const id = readId(c, 'dep')
  await cancelDeployment(c.var.house, callerOf(c), id)
  const notice = 'It stops, and what was written is taken back.'
  return changed(c, { redirect: `${rootOf(c)}/${id}`, notice })
}

export async function goBack(c: HttpContext): Promise<Response> {
  const deploymentId = readId(c, 'dep')
  await getDeployment(c.var.house, callerOf(c), deploymentId)
  return rollBackTo(c, { deploymentId })
}

export async function goBackWithOne(c: HttpContext): Promise<Response> {
  const { deployment, item } = await itemOf(c)
  return rollBackTo(c, { deploymentId: deployment.id, number: item.number })
}

const VersionForm = z.strictObject({
  on: z.string().max(100),
  to: z.coerce.number().int().min(1),
})

/** A rule at one target to a version that stood there. */
export async function goToVersion(c: HttpContext): Promise<Response> {
  const { id: ruleId } = await getRule(c.var.house, callerOf(c), readId(c, 'rul'))
  const { on, to: version } = await readForm(c, VersionForm)
  if (!isId('tgt', on)) throw forbidden()
  return rollBackTo(c, { ruleId, targetId: on, version })
}

/** Either it runs already, or somebody has to sign first. */
async function rollBackTo(c: HttpContext, wish: RollbackWish): Promise<Response> {
  const back = await rollBack(c.var.house, callerOf(c), wish)
  if (back.kind === 'deployment') {
    const notice = 'The rollback has begun.'
    return changed(c, { redirect: `${rootOf(c)}/${back.deployment.id}`, notice })
  }
  const notice = 'Somebody has to sign this first: it is a change now.'
  return changed(c, { redirect: `${placeOf(c)}/changes/${back.change.id}`, notice })
}

const DecideForm = z.strictObject({ verdict: Verdict })

export async function decide(c: HttpContext): Promise<Response> {
  const { deployment, item } = await itemOf(c)
  const { verdict } = await readForm(c, DecideForm)
  const wish = { deploymentId: deployment.id, number: item.number, verdict }
  await resolveItem(c.var.house, callerOf(c), wish)
  const notice = 'What you saw there is written down.'
  return changed(c, { redirect: `${rootOf(c)}/${deployment.id}`, notice })
}
