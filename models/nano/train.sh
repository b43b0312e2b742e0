#!/bin/sh
# Make models/nano again, from the root of the repository, in an environment with `pip install '.[train,export]'`.
#
#     models/nano/train.sh 90 12      90 minutes in all, the last 12 with a falling learning rate
#
# Run it again to go on: runs/nano/state.pt is the checkpoint. In a fresh clone, where there is none, training goes on from
# the weights in models/nano (without the state of the optimizers); delete models/nano/model.safetensors to begin anew.
# CRUXEVAL may name a cruxeval.jsonl to measure on.
set -eu
minutes=$1 cooldown=$2

[ -d runs/questions ] || python -m cwm_check.training.harvest all --seconds 25 --output runs/questions
initial=
[ ! -f models/nano/model.safetensors ] || initial="--initial models/nano"
# shellcheck disable=SC2086
python -m cwm_check.training.train runs/nano --minutes "$minutes" --cooldown "$cooldown" --layers 4 \
    --questions runs/questions $initial
python -m cwm_check.training.checkpoint runs/nano/model.pt models/nano
python -m cwm_check.training.evaluate models/nano --questions runs/questions \
    ${CRUXEVAL:+--cruxeval "$CRUXEVAL"} --output models/nano/scores.json
cwm-check model export models/nano --to models/nano --name nano --licence Apache-2.0 \
    --source "trained from nothing by cwm_check.training (models/nano/train.sh)"
