// Offers a Kusto query as Sigma. Only the worker of Kusto may call this.

import { evaluateKustoFor } from '#languages/sigma-offer/evaluate-kusto.ts'
import { readKustoSimply } from '#languages/sigma-offer/kusto.ts'
import { offerSigma, type SigmaOffer } from '#languages/sigma-offer/offer.ts'
import type { NoOffer } from '#languages/sigma-offer/read.ts'
import type { OfferToMake } from './task.ts'

const TOOLS = {
  read: readKustoSimply,
  evaluate: { query: evaluateKustoFor, compiled: evaluateKustoFor },
} as const

export function offerKustoHere(asked: OfferToMake): SigmaOffer | NoOffer {
  return offerSigma(asked, TOOLS)
}
