// What a Defender target is told beside its credential: which of Microsoft's clouds it is in.

import { cloudSettings, type CloudSettings } from '#adapters/siem/microsoft/cloud.ts'

export const defenderSettings = cloudSettings

export type DefenderSettings = CloudSettings
