#!/bin/sh
# Make models/nano again, from the root of the repository, in an environment with `pip install '.[train,export]'`.
#
#     models/nano/train.sh 90 40      90 minutes in all, the last 40 with a falling learning rate
#
# Run it again to go on: runs/nano/state.pt is the checkpoint. In a fresh clone, where there is none, training goes on from
# the weights in models/nano (without the state of the optimizers); delete models/nano/model.safetensors to begin anew.
# RATE=0.5: half the learning rates, to go on gently.
# CRUXEVAL may name a cruxeval.jsonl to measure on. HALF=--half: in bfloat16, for a processor with AMX.
set -eu
minutes=$1 cooldown=$2

[ -d runs/questions ] || {
    python -m cwm_check.training.harvest all --seconds 25 --output runs/questions
    python -m cwm_check.training.statements all --seconds 8 --output runs/questions/statements
}
initial=
[ ! -f models/nano/model.safetensors ] || initial="--initial models/nano"
# shellcheck disable=SC2086
# oneDNN keeps a program for each shape that it meets; with the default of 1024 that becomes 15 GB.
DNNL_PRIMITIVE_CACHE_CAPACITY=128 python -m cwm_check.training.train runs/nano --minutes "$minutes" \
    --cooldown "$cooldown" --tokens 8192 --questions runs/questions --rate "${RATE:-1}" ${HALF:-} $initial
python -m cwm_check.training.checkpoint runs/nano/model.pt models/nano
export_graph() {
    cwm-check model export models/nano --to models/nano --name nano --licence Apache-2.0 \
        --source "trained from nothing by cwm_check.training (models/nano/train.sh)"
}
rm -f models/nano/scores.json
export_graph
cwm-check train evaluate ./models/nano --questions runs/questions \
    ${CRUXEVAL:+--cruxeval "$CRUXEVAL"} --output models/nano/scores.json
export_graph # once more: the calibration of the scores goes into the manifest
