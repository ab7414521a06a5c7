// Deployments and what became of each of their items, looked at.

import { permit } from '#domain/access/permission.ts'
import type { ChangeId, DeploymentId, RuleId, TargetId } from '#kernel/id.ts'
import { readPage, type Page } from '#kernel/page.ts'
import type { Caller } from '#platform/caller.ts'
import { wordsOf } from '#platform/db/words.ts'
import type { House } from '#platform/house.ts'
import type { Deployment, DeploymentItem, DeploymentState } from './deployment.ts'
import type { Item } from './item.ts'
import {
  countDeployments,
  getDeploymentRow,
  selectDeployments,
  selectItems,
  selectWritten,
} from './store.ts'

export interface DeploymentWhole {
  readonly deployment: Deployment
  /** In their order. */
  readonly items: readonly DeploymentItem[]
}

/** Throws `forbidden` for one that is not here. */
export async function getDeployment(
  house: House,
  caller: Caller,
  id: DeploymentId,
): Promise<DeploymentWhole> {
  permit(caller, 'deployment.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const deployment = await getDeploymentRow(reader, scope, id)
  const items = await selectItems(reader, scope, id)
  return { deployment, items: items.map(shownItem) }
}

export interface DeploymentsWanted {
  readonly limit: number
  readonly cursor?: string | undefined
  readonly changeId?: ChangeId | undefined
  readonly state?: DeploymentState | undefined
  /** Each word stands somewhere in the title of the change. */
  readonly text?: string | undefined
}

export interface DeploymentPage extends Page<Deployment> {
  /** Of the whole list, not of the page. */
  readonly count: number
}

/** Newest first. */
export async function listDeployments(
  house: House,
  caller: Caller,
  { limit, cursor, changeId, state, text = '' }: DeploymentsWanted,
): Promise<DeploymentPage> {
  permit(caller, 'deployment.read')
  const { scope } = caller
  const reader = house.db.read(scope)
  const filter = { changeId, states: state && [state], words: wordsOf(text) }
  const found = await readPage({
    key: house.keys.purpose('cursor'),
    binding: {
      workspaceId: scope.workspaceId,
      list: 'deployments',
      changeId: changeId ?? null,
      state: state ?? null,
      text,
    },
    limit,
    cursor,
    placeOf: ({ id }: Deployment) => id,
    select: (page) => selectDeployments(reader, scope, filter, page),
  })
  return { ...found, count: await countDeployments(reader, scope, filter) }
}

function shownItem({ before, after, stood: _, marker: _m, replaces: _r, ...item }: Item) {
  return { ...item, before: before?.raw ?? null, after: after?.raw ?? null }
}

/** How far back somebody can look for what stood somewhere. */
export const HISTORY_MAX = 100

/** Versions of a rule that were deployed to a target and read back there, newest first. */
export async function listVersionsThere(
  house: House,
  caller: Caller,
  at: { readonly ruleId: RuleId; readonly targetId: TargetId },
): Promise<readonly number[]> {
  permit(caller, 'deployment.read')
  const reader = house.db.read(caller.scope)
  const written = await selectWritten(reader, caller.scope, at, HISTORY_MAX)
  const ours = written.filter(({ marker }) => marker !== null)
  return [...new Set(ours.flatMap(({ version }) => version ?? []))].toSorted((a, b) => b - a)
}
