// What is asked of the threads that offer a native query as Sigma. Types only: what answers loads every
// language.

import type { EventRecord } from '#languages/evaluation.ts'
import type { SigmaOffer } from '#languages/sigma-offer/offer.ts'
import type { OfferPipeline } from '#languages/sigma-offer/place.ts'
import type { NoOffer } from '#languages/sigma-offer/read.ts'
import type { Backend } from '#languages/sigma/names.ts'
import type { WorkerTask } from '#platform/worker.ts'

export interface OfferToMake {
  readonly language: 'spl' | 'esql' | 'eql' | 'kusto'
  readonly text: string
  readonly pipeline: OfferPipeline
  readonly backend: Backend
  /** Events of the rule's own cases. */
  readonly cases: readonly EventRecord[]
}

export const offerSigmaTask: WorkerTask<OfferToMake, SigmaOffer | NoOffer> = {
  worker: 'queries',
  name: 'queries.offer',
}

/** Kusto's parser is in a worker of its own. */
export const offerKustoTask: WorkerTask<OfferToMake, SigmaOffer | NoOffer> = {
  worker: 'kusto',
  name: 'kusto.offer',
}
