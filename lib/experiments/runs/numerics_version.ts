/**
 * The version of everything that decides a run's numbers: layers, losses, loaders, stand-ins,
 * augmentation, attacks, metrics. It is part of every run's hash. Raise it by hand in the commit
 * that changes a result, so that no table mixes numbers of two versions of the code.
 */
export const numericsVersion = 3;
