// A target calls things otherwise, has other parameters or another name, or is gone: what rules become
// there is of something older. What does not differ is found out behind it; the rest waits for a person.

import { listMappedPlaces } from '#domain/mappings/places.ts'
import type { PlaceChanged } from '#domain/targets/places.ts'
import { recompileJob } from './jobs.ts'
import { dropRendersAt, markMappedPending, markNamedPending } from './place-store.ts'

export const markPlace: PlaceChanged = async (tx, house, caller, { before, after }) => {
  await markNamedPending(tx, before)
  if (after?.name !== before.name) await dropRendersAt(tx, before)
  const places = await listMappedPlaces(tx, tx.scope)
  const place = places.find(({ name }) => name === after?.name)
  if (place?.mapping) await markMappedPending(tx, place)
  const title = `Compile rules for ${after?.name ?? before.name}`
  await house.jobs.enqueue(tx, caller, recompileJob, { takes: 'same' }, { title })
}
