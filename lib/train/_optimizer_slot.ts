/**
 * Where an optimizer keeps a model's parameters: each matrix or filter in a slot of its own, and all
 * vectors (the biases and batch norms of a ResNet are two thirds of its parameters) one behind the
 * other in one, so that one update serves them all.
 */
import { tf } from "../backend/tf.ts";
import { ResourceVariable } from "../backend/resource_variable.ts";
import { splitVector } from "../backend/split_vector.ts";

/** A parameter in a slot. */
interface Part {
  readonly name: string;
  readonly variable: tf.Variable;
  /** The data that the slot last gave to `variable`; another one means it was assigned outside. */
  dataId: object;
}

/** Storage of one parameter or of many vectors: weights, and as many buffers as the rule needs. */
export interface Slot {
  readonly parts: readonly Part[];
  readonly weights: ResourceVariable;
  readonly buffers: readonly ResourceVariable[];
  /** Whether weight decay reaches it. */
  readonly decays: boolean;
}

/** What the slots of an optimizer are made for. */
export interface SlotOptions {
  readonly buffers: number;
  /** Whether weight decay reaches vectors. */
  readonly decaysVectors: boolean;
  /** Parameters without a gradient are not updated: they share no slot with others. Default all have one. */
  readonly hasGradient?: (name: string) => boolean;
}

/** The parts' tensors as the slot holds them. */
export function packed(tensors: readonly tf.Tensor[]): tf.Tensor {
  return tensors.length === 1 ? tensors[0]! : tf.concat(tensors as tf.Tensor1D[]);
}

/** Makes slots for all parameters, with the parameters' values and zeros in the buffers. */
export function createSlots(
  parameters: ReadonlyMap<string, tf.Variable>,
  { buffers, decaysVectors, hasGradient = () => true }: SlotOptions,
): Slot[] {
  const groups = Map.groupBy(
    parameters,
    ([name, { rank }]) => rank === 1 ? `vectors, gradient ${hasGradient(name)}` : name,
  );
  const prefix = `optimizer-${crypto.randomUUID()}`; // TensorFlow shares variables of one name
  return [...groups].map(([key, members]) => {
    const parts = members.map(([name, variable]) => ({ name, variable, dataId: variable.dataId }));
    const value = tf.tidy(() => tf.clone(packed(parts.map(({ variable }) => variable))));
    const zeros = tf.zerosLike(value);
    const slot = {
      parts,
      weights: new ResourceVariable(value, `${prefix}/${key}`),
      buffers: Array.from(
        { length: buffers },
        (_, k) => new ResourceVariable(zeros, `${prefix}/${key}/${k}`),
      ),
      decays: decaysVectors || value.rank > 1,
    };
    tf.dispose([value, zeros]);
    return slot;
  });
}

/** Takes over what was assigned to the model's variables from outside. */
export function takeAssignments({ parts, weights }: Slot): void {
  if (parts.every(({ variable, dataId }) => variable.dataId === dataId)) return;
  weights.assign(packed(parts.map(({ variable }) => variable)));
}

/**
 * Lets `update` change the weights in place, and shows the result in the model's variables. A
 * variable's own reading of the weights would force the update to copy: it is released first. Others
 * who still hold that reading (a clone, say) keep the old value; TensorFlow copies for them.
 */
export function updateWeights({ parts, weights }: Slot, update: () => void): void {
  const [single] = parts.length === 1 ? parts : [];
  if (single) {
    tf.engine().disposeTensor(single.variable);
    single.variable.dataId = {};
  }
  update();
  const values = partsOf(weights.read(), parts);
  parts.forEach((part, k) => {
    part.variable.assign(values[k]!);
    part.dataId = part.variable.dataId;
  });
}

/** The tensor of each part; takes over `value`. */
function partsOf(value: tf.Tensor, parts: readonly Part[]): tf.Tensor[] {
  if (parts.length === 1) return [value];
  const values = splitVector(value as tf.Tensor1D, parts.map(({ variable }) => variable.size));
  value.dispose();
  return values;
}

/** The values of a buffer by parameter name. */
export function readBuffer({ parts, buffers }: Slot, index: number): [string, tf.Tensor][] {
  const values = partsOf(buffers[index]!.read(), parts);
  return parts.map(({ name }, k) => [name, values[k]!]);
}

/** Frees the storage. */
export function disposeSlot({ weights, buffers }: Slot): void {
  weights.dispose();
  for (const buffer of buffers) buffer.dispose();
}
