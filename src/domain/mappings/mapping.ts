// What a target calls things: which pipelines stand between rules and it, and one of its own that names
// its places and fields. A mapping is a pipeline document of the community's format. Pure.

import type { Place } from '#domain/targets/places.ts'
import type { SiemKind } from '#domain/targets/port.ts'
import type { Actor } from '#kernel/actor.ts'
import { contentHash } from '#kernel/hash.ts'
import type { TargetId } from '#kernel/id.ts'
import type { Instant } from '#kernel/time.ts'
import type { BuiltinName } from '#languages/sigma/names.ts'
import type { PipelineData } from '#languages/sigma/pipeline.ts'

export interface MappingContent {
  /** Empty for the usual one of the kind. */
  readonly pipelines: readonly BuiltinName[]
  readonly document: PipelineData
}

/** One version; every one is kept. */
export interface Mapping extends MappingContent {
  readonly targetId: TargetId
  readonly number: number
  /** Hex SHA-256 of pipelines and document. */
  readonly contentHash: string
  readonly reason: string
  readonly restoredFrom: number | null
  readonly createdAt: Instant
  readonly createdBy: Actor
}

/** What tells one version from another, without what it says. */
export type MappingSummary = Omit<Mapping, keyof MappingContent>

export interface MappingDraft extends MappingContent {
  readonly targetId: TargetId
  /** The version it was begun over; 0 for none. */
  readonly basedOn: number
  /** Counts its edits: who edits names the one they saw. */
  readonly revision: number
  readonly changedAt: Instant
  readonly changedBy: Actor
}

/** Before the pipelines of the product, which come at 10: what it names they leave alone. */
export const MAPPING_PRIORITY = 5

export const NO_MAPPING: MappingContent = {
  pipelines: [],
  document: { priority: MAPPING_PRIORITY, transformations: [] },
}

export function hashMapping({ pipelines, document }: MappingContent): string {
  return contentHash({ pipelines, document: JSON.stringify(document) })
}

/** True when rules become there what they become at any target of the kind. */
export function isUsual({ pipelines, document }: MappingContent): boolean {
  const { transformations = [], postprocessing = [], finalizers = [] } = document
  return pipelines.length + transformations.length + postprocessing.length + finalizers.length === 0
}

/** Of what is kept as the Elastic Common Schema names it. */
const ECS: readonly BuiltinName[] = [
  'ecs_windows',
  'ecs_macos_esf',
  'ecs_zeek_beats',
  'ecs_zeek_corelight',
  'ecs_kubernetes',
  'sysmon',
  'windows-logsources',
  'windows-audit',
]

/** The pipelines that fit each kind of target, the usual one first. None where rules run as they are. */
export const FITTING: Readonly<Record<SiemKind, readonly BuiltinName[]>> = {
  local: [],
  splunk: [
    'rw_splunk',
    'sysmon',
    'windows-logsources',
    'windows-audit',
    'splunk_windows',
    'splunk_sysmon_acceleration',
    'splunk_cim',
  ],
  sentinel: ['rw_sentinel', 'sentinel_asim', 'azure_monitor', 'microsoft_xdr', 'sysmon'],
  defender: ['rw_defender', 'microsoft_xdr'],
  elastic: ['rw_elastic', ...ECS],
  opensearch: ['rw_opensearch', ...ECS],
}

/** A target as compilers know it; without a mapping it is any of its kind. */
export interface MappedPlace extends Omit<Place, 'id'> {
  readonly mapping: (MappingContent & { readonly contentHash: string }) | null
}
