/** Losses: cross entropy, label smoothing, Circle Loss, TRADES. */
export { crossEntropy, type CrossEntropyOptions } from "./cross_entropy.ts";
export { labelSmoothingCrossEntropy, type LabelSmoothingOptions } from "./label_smoothing.ts";
export { circleLoss, type CircleLossOptions } from "./circle_loss.ts";
export { tradesLoss, type TradesLossOptions } from "./trades.ts";
