// An Azure template (ARM) that deploys every query as a scheduled analytics rule of Microsoft Sentinel.

import type { Json } from '#kernel/json.ts'
import {
  SENTINEL_EVERY_MIN_MS,
  SENTINEL_WINDOW_MAX_MS,
  writeSentinel,
} from '#languages/rule-formats/write/sentinel.ts'
import type { Output, Schedule } from './output.ts'
import { bodiesOf, type VendorFile, type WrittenOutput } from './written.ts'

const API_VERSION = '2025-09-01'

export function armTemplate(outputs: readonly Output[]): VendorFile {
  const vendor = { language: 'kusto', write: writeSentinel, fit }
  const { written, problems } = bodiesOf(outputs, vendor)
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: { workspace: { type: 'String' } },
    resources: written.map(resourceOf),
  }
  return { text: JSON.stringify(template, null, 2), problems }
}

function fit({ everyMs, windowMs }: Schedule): Schedule {
  const every = Math.max(everyMs, SENTINEL_EVERY_MIN_MS)
  return {
    everyMs: every,
    windowMs: Math.min(Math.max(windowMs, every), SENTINEL_WINDOW_MAX_MS),
  }
}

function resourceOf({ output, body }: WrittenOutput) {
  const provider = 'Microsoft.OperationalInsights/workspaces/providers'
  const name = `'/Microsoft.SecurityInsights/${output.uuid}'`
  const id = `'/alertRules/${output.uuid}'`
  return {
    id: `[concat(resourceId('${provider}', parameters('workspace'), 'Microsoft.SecurityInsights'), ${id})]`,
    name: `[concat(parameters('workspace'), ${name})]`,
    type: `${provider}/alertRules`,
    apiVersion: API_VERSION,
    kind: body['kind'],
    properties: literal(body['properties'] as Readonly<Record<string, Json>>),
  }
}

/** A text that begins with a bracket would be run as an expression of the template. */
function literal(properties: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> {
  const escaped = Object.entries(properties).map(([key, value]) => [
    key,
    typeof value === 'string' && value.startsWith('[') ? `[${value}` : value,
  ])
  return Object.fromEntries(escaped) as Readonly<Record<string, Json>>
}
