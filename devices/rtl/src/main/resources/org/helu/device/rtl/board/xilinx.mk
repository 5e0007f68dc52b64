# Xilinx 7. Debian from 14 on: yosys, nextpnr-himbaechel-xilinx. It ends with FASM: Project X-Ray's
# fasm2frames and xc7frames2bit make a bitstream of it.
NEXTPNR = nextpnr-himbaechel-xilinx
PACKER =
BITSTREAM =
ROUTED = helu.routed
include common.mk

helu.json: $(SOURCES) $(wildcard *.mem) helu_params.vh
	yosys -q -l yosys.log -p '$(READ); synth_xilinx -flatten -abc9 -top helu_board -json $@; $(STAT)'

helu.routed: helu.json helu_board.xdc
	$(NEXTPNR) $(DEVICE) --vopt xdc=helu_board.xdc --vopt fasm=$@ --freq $(MHZ) \
	  --json helu.json --report timing.json --quiet --log nextpnr.log
