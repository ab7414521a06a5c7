// What a Log Analytics workspace with Microsoft Sentinel holds for a stand-in: tables of events, who may do
// what there, rules, watchlists, saved queries and automation. Plain data that a test fills, reads and bends.

import { randomUUID } from 'node:crypto'
import type { Json } from '#kernel/json.ts'
import type { Clock, Instant } from '#kernel/time.ts'
import type { EventRecord } from '#languages/evaluation.ts'

export type Properties = { readonly [key: string]: Json }

export interface AlertRule {
  readonly name: string
  readonly kind: string
  etag: string
  properties: Properties
}

/** One of the assignments that count at the workspace, as the permissions API shows it. */
export interface PermissionElement {
  readonly actions: readonly string[]
  readonly notActions: readonly string[]
}

export interface Workspace {
  readonly clock: Pick<Clock, 'now'>
  /** What queries name. */
  readonly id: string
  readonly subscription: string
  readonly resourceGroup: string
  readonly name: string
  readonly tables: Map<string, readonly EventRecord[]>
  /** By client id. */
  readonly assignments: Map<string, readonly PermissionElement[]>
  readonly rules: Map<string, AlertRule>
  readonly watchlists: Properties[]
  /** Queries that somebody kept, functions among them. */
  readonly savedSearches: Properties[]
  readonly automationRules: Properties[]
  /** Ids of rules that were removed, and until when they cannot be taken again. */
  readonly removed: Map<string, Instant>
  /** What one answer to a query holds at most. */
  limits: { readonly rows: number; readonly bytes: number }
  rulesPerPage: number
  /** How long the id of a removed rule is held back. */
  heldBackMs: number
}

export const SENTINEL_CONTRIBUTOR: readonly PermissionElement[] = [
  {
    actions: [
      'Microsoft.SecurityInsights/*',
      'Microsoft.OperationalInsights/workspaces/*/read',
      'Microsoft.OperationalInsights/workspaces/read',
      'Microsoft.OperationalInsights/workspaces/analytics/query/action',
      'Microsoft.Authorization/*/read',
    ],
    notActions: ['Microsoft.SecurityInsights/ConfidentialWatchlists/*'],
  },
]

export const SENTINEL_READER: readonly PermissionElement[] = [
  {
    actions: [
      'Microsoft.SecurityInsights/*/read',
      'Microsoft.OperationalInsights/workspaces/*/read',
      'Microsoft.OperationalInsights/workspaces/read',
      'Microsoft.OperationalInsights/workspaces/analytics/query/action',
      'Microsoft.Authorization/*/read',
    ],
    notActions: [],
  },
]

export function makeWorkspace(
  options: Pick<Workspace, 'clock'> & Partial<Omit<Workspace, 'clock'>>,
): Workspace {
  return {
    id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    subscription: 'd0c3b7a1-5b0f-4d0e-9b57-7a3d1c2e4f60',
    resourceGroup: 'security',
    name: 'sentinel-prod',
    tables: new Map(),
    assignments: new Map(),
    rules: new Map(),
    watchlists: [],
    savedSearches: [],
    automationRules: [],
    removed: new Map(),
    limits: { rows: 500_000, bytes: 64_000_000 },
    rulesPerPage: 100,
    heldBackMs: 0,
    ...options,
  }
}

export function resourceIdOf({ subscription, resourceGroup, name }: Workspace): string {
  return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.OperationalInsights/workspaces/${name}`
}

export function isAllowed(workspace: Workspace, clientId: string, action: string): boolean {
  const elements = workspace.assignments.get(clientId) ?? []
  return elements.some(
    ({ actions, notActions }) =>
      actions.some((pattern) => covers(pattern, action)) &&
      !notActions.some((pattern) => covers(pattern, action)),
  )
}

/** A star stands for any text, slashes included. */
function covers(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.\\+?^${}()|[\]]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action)
}

export function newEtag(): string {
  return `"${randomUUID()}"`
}

/** As Sentinel does to a rule that keeps failing for a reason that does not pass. */
export function autoDisable({ rules, clock }: Workspace, ruleId: string, reason: string): void {
  const rule = rules.get(ruleId)
  if (rule === undefined) throw new Error(`no rule ${ruleId}`)
  const { displayName, description } = rule.properties as Readonly<Record<string, string>>
  rule.etag = newEtag()
  rule.properties = {
    ...rule.properties,
    enabled: false,
    displayName: `AUTO DISABLED ${displayName}`,
    description: `${reason}\n${description}`,
    lastModifiedUtc: new Date(clock.now()).toISOString(),
  }
}
