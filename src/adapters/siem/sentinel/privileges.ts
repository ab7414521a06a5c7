// What an app may do on a workspace, from Azure's own list: each assignment gives its actions less its
// exceptions, and what any of them gives is held. Source: Azure RBAC, “How Azure role-based access
// control determines if a user has access”, read 2026-11.

import { z } from 'zod'
import type { Privilege, Privileges } from '#domain/targets/port.ts'
import { AppError } from '#kernel/error.ts'
import { listAll, type SentinelAccess } from './access.ts'

const PERMISSIONS_VERSION = '2022-04-01'

const element = z.object({
  actions: z.array(z.string()).default([]),
  notActions: z.array(z.string()).default([]),
})
type Element = z.infer<typeof element>

interface Row {
  readonly name: string
  readonly why: string
}

const INSIGHTS = 'Microsoft.SecurityInsights/alertRules'
const LOGS = 'Microsoft.OperationalInsights/workspaces'
/** Either lets an app ask queries. */
const QUERY = [`${LOGS}/query/read`, `${LOGS}/analytics/query/action`]

const READ: readonly Row[] = [
  { name: `${LOGS}/read`, why: 'To see which workspace it is.' },
  { name: QUERY[0]!, why: 'To search.' },
  { name: `${INSIGHTS}/read`, why: 'To read rules.' },
]
const WRITE: readonly Row[] = [
  { name: `${INSIGHTS}/write`, why: 'To make and change rules.' },
  { name: `${INSIGHTS}/delete`, why: 'To remove rules.' },
]
const TOO_MUCH: readonly Row[] = [
  { name: 'Microsoft.Authorization/roleAssignments/write', why: 'Gives anybody any role here.' },
  {
    name: 'Microsoft.Resources/subscriptions/resourceGroups/write',
    why: 'Writes on what is around the workspace, as with */write.',
  },
  { name: `${LOGS}/write`, why: 'Changes the workspace, and how long it keeps events.' },
  { name: `${LOGS}/delete`, why: 'Removes the workspace.' },
  { name: `${LOGS}/tables/write`, why: 'Changes tables, and how long they keep events.' },
  { name: `${LOGS}/purge/action`, why: 'Removes events for good.' },
  { name: `${LOGS}/sharedKeys/action`, why: 'Reads the keys with which anybody can send events.' },
]

export async function readPrivileges(
  access: SentinelAccess,
  need: 'read' | 'write',
  signal: AbortSignal,
): Promise<Privileges> {
  const elements = await readElements(access, signal)
  const held = (name: string) => elements && isHeld(elements, name)
  const { workspaceName } = access.settings
  const where = `The workspace ${workspaceName}, Access control (IAM)`
  const role =
    need === 'read'
      ? 'Microsoft Sentinel Reader and Log Analytics Reader'
      : 'Microsoft Sentinel Contributor and Log Analytics Reader'
  const needed = (need === 'read' ? READ : [...READ, ...WRITE]).map(({ name, why }): Privilege => ({
    name,
    why,
    isHeld: name === QUERY[0] ? elements && QUERY.some((one) => isHeld(elements, one)) : held(name),
    fix: `${where}, Add role assignment: ${role}, for the app. It may take ten minutes until it holds.`,
  }))
  const beyond = need === 'read' ? [...TOO_MUCH, ...WRITE] : TOO_MUCH
  const excess = beyond
    .filter(({ name }) => held(name) === true)
    .map(({ name, why }): Privilege => ({
      name,
      why,
      isHeld: true,
      fix: `${where}, Role assignments: remove the role of the app that gives ${name}; also look at the resource group and the subscription above.`,
    }))
  if (elements !== null) return { needed, excess, completeness: { kind: 'complete' } }
  const reason = 'Azure does not show this app what it may do here.'
  return { needed, excess, completeness: { kind: 'partial', reason } }
}

/** null where Azure does not say. */
async function readElements(
  access: SentinelAccess,
  signal: AbortSignal,
): Promise<readonly Element[] | null> {
  const what = 'what this app may do'
  const path = '/providers/Microsoft.Authorization/permissions'
  try {
    const { items } = await listAll(access, { path, version: PERMISSIONS_VERSION, what }, signal)
    const read = z.array(element).safeParse(items)
    if (read.success) return read.data
    const message = 'Azure’s answer to what this app may do is not what it should be.'
    throw new AppError('upstream', message, { cause: read.error })
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden') return null
    throw error
  }
}

function isHeld(elements: readonly Element[], action: string): boolean {
  return elements.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => covers(pattern, action)) &&
      !notActions.some((pattern) => covers(pattern, action)),
  )
}

/** A star stands for any text, slashes included; case does not count. */
function covers(pattern: string, action: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*')
  let left = action.toLowerCase()
  if (rest.length === 0) return left === first
  if (!left.startsWith(first)) return false
  left = left.slice(first.length)
  const last = rest.pop()!
  for (const part of rest) {
    const at = left.indexOf(part)
    if (at < 0) return false
    left = left.slice(at + part.length)
  }
  return left.endsWith(last)
}
