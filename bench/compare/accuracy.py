"""Error rates of embeddings, counted as `faceauth eval verification` counts them: every picture with
every other, a picture without a face is an error of each mated comparison it stands in.

    accuracy.py EMBEDDINGS.npz cosine|distance FMR...
"""

import json
import sys

import numpy as np


def rates(path, measure, targets):
    data = np.load(path)
    names, found, vectors = list(data["names"]), list(data["found"]), data["vectors"]
    people = {name: number for number, name in enumerate(sorted({n.split("/")[0] for n in names}))}
    who = np.array([people[name.split("/")[0]] for name in found])
    if measure == "cosine":
        scores = vectors @ vectors.T
    else:
        squares = (vectors**2).sum(1)
        scores = -np.sqrt(np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0))
    upper = np.triu(np.ones(scores.shape, bool), 1)
    same = who[:, None] == who
    mated, strangers = scores[upper & same], np.sort(scores[upper & ~same])[::-1]
    # Comparisons with a picture without a face: mated ones fail, strangers do not pass.
    counts = np.unique([people[name.split("/")[0]] for name in names], return_counts=True)[1]
    all_mated = int((counts * (counts - 1) // 2).sum())
    all_strangers = len(names) * (len(names) - 1) // 2 - all_mated
    result = []
    for target in targets:
        if all_strangers * target < 3:  # rule of three
            continue
        threshold = strangers[int(all_strangers * target)]
        refused = int((mated <= threshold).sum()) + all_mated - len(mated)
        result.append({"fmr": target, "fnmr": refused / all_mated, "threshold": float(threshold)})
    return {
        "pictures": len(names),
        "without_face": len(names) - len(found),
        "mated": all_mated,
        "non_mated": all_strangers,
        "rates": result,
    }


if __name__ == "__main__":
    print(json.dumps(rates(sys.argv[1], sys.argv[2], [float(text) for text in sys.argv[3:]])))
