/** The configured TensorFlow.js: the only import of tfjs in the project. */
import "./environment.ts";
import * as tf from "@tensorflow/tfjs-node";

if (tf.getBackend() !== "tensorflow") {
  throw new Error(
    `TensorFlow.js chose the backend "${tf.getBackend()}" instead of the native "tensorflow"; ` +
      `the JavaScript backend is far too slow for this lab. Run: npx --yes deno@2.9.6 task doctor`,
  );
}

export { tf };
