import { cropAndFlipObject } from "../_augment_policies.ts";
import type { DatasetDefinition } from "../definition.ts";
import { cifar100Like, cifar100LikeClasses } from "../procedural/cifar100_like.ts";
import { type CifarFormat, readCifar, recordBytes } from "./_cifar_format.ts";

/** Two label bytes: the coarse class of twenty, which is not read, and the fine one of a hundred. */
const FORMAT: CifarFormat = { labelBytes: 2, classes: 100, maxRecords: 50000 };
const COUNTS = { train: 50000, test: 10000 } as const;
const FOLDER = "cifar-100-binary";

/** The fine classes, as in the archive's fine_label_names.txt. */
const CLASSES = (
  "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus " +
  "butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch " +
  "crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo " +
  "keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain " +
  "mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain " +
  "plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk " +
  "skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone " +
  "television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"
).split(" ");

/** Writes the binary version beside the Python version; takes the data directory. */
const CONVERSION = `python3 -c "import os, pickle, sys; d = sys.argv[1]; ` +
  `os.makedirs(d + '/cifar-100-binary', exist_ok=True); ` +
  `[open(f'{d}/cifar-100-binary/{n}.bin', 'wb').write(b''.join(bytes([c, y]) + x.tobytes() ` +
  `for c, y, x in zip(b[b'coarse_labels'], b[b'fine_labels'], b[b'data']))) ` +
  `for n in ['train', 'test'] ` +
  `for b in [pickle.load(open(f'{d}/cifar-100-python/{n}', 'rb'), encoding='bytes')]]"`;

/** CIFAR-100, binary version: a hundred kinds of objects (Krizhevsky 2009). */
export const cifar100: DatasetDefinition = {
  title: "CIFAR-100",
  counts: COUNTS,
  classNames: CLASSES,
  files: { train: [`${FOLDER}/train.bin`], test: [`${FOLDER}/test.bin`] },
  refused: {
    files: ["cifar-100-python/train", "cifar-100-python/test"],
    explain: (found, directory) =>
      `${found} is a pickle of CIFAR-100's Python version. A pickle can run any code, so the lab ` +
      `never reads one. Fetch the binary version (deno task download --dataset cifar100 --data ` +
      `${directory}), or convert it with a Python that has numpy: ${CONVERSION} ${directory}`,
  },
  read: (paths, maxImages) => readCifar(paths, { ...FORMAT, maxRecords: maxImages }),
  // Size and MD5 checksum as on the dataset's home page.
  officialFiles: [{
    path: "cifar-100-binary.tar.gz",
    urls: [
      "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      "https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-100-binary.tar.gz",
    ],
    bytes: 168513733,
    md5: "03b5dce01913d631647c71ecec9e9cb8",
    members: {
      [`${FOLDER}/train.bin`]: COUNTS.train * recordBytes(FORMAT),
      [`${FOLDER}/test.bin`]: COUNTS.test * recordBytes(FORMAT),
    },
    // They tell the unpacked files from others of the same size.
    memberMd5: {
      [`${FOLDER}/train.bin`]: "6172c7755cfe09b2fe270c85cebc1b15",
      [`${FOLDER}/test.bin`]: "4499cfba6c016c1be1438163640a0898",
    },
  }],
  standIn: { stream: 5, paint: cifar100Like, classNames: cifar100LikeClasses },
  augment: cropAndFlipObject,
  normalisation: { mean: [0.5071, 0.4865, 0.4409], std: [0.2673, 0.2564, 0.2762] },
  epochs: 15,
};
