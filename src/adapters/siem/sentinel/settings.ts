// What a Sentinel target is told beside its credential: the workspace under both of its names, the ID that
// queries name and the path in Azure that rules name.

import { z } from 'zod'
import { cloudSettings } from '#adapters/siem/microsoft/cloud.ts'

/** Unknown keys belong to the target, not to this adapter. */
export const sentinelSettings = cloudSettings.extend({
  workspaceId: z.guid(),
  subscriptionId: z.guid(),
  resourceGroup: z.string().min(1),
  workspaceName: z.string().min(1),
})

export type SentinelSettings = z.infer<typeof sentinelSettings>

export function workspacePath(settings: SentinelSettings): string {
  const { subscriptionId, resourceGroup, workspaceName } = settings
  const [group, name] = [resourceGroup, workspaceName].map(encodeURIComponent)
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.OperationalInsights/workspaces/${name}`
}
