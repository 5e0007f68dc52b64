// What a processor and its DMA engine do with helu_axi: read the registers, send the testbench's samples
// in one packet, compare the answers, and do it again after a reset in the middle of a sample.
// Prints PASS and ends, or FAIL and what differs.

`timescale 1ns / 1ps
`default_nettype none

module helu_axi_tb;
  `include "helu_params.vh"
  `include "helu_tb.vh"
  localparam IN_BYTES  = INPUT_TDATA / 8;
  localparam OUT_BYTES = OUTPUT_TDATA / 8;
  localparam S_BYTES   = IN_BYTES <= 1 ? 1 : IN_BYTES <= 2 ? 2 : IN_BYTES <= 4 ? 4 : 8;
  localparam M_BYTES   = OUT_BYTES <= 1 ? 1 : OUT_BYTES <= 2 ? 2 : OUT_BYTES <= 4 ? 4 : 8;
  localparam S_WORDS   = (IN_BYTES + 7) / 8;
  localparam M_WORDS   = (OUT_BYTES + 7) / 8;
  localparam SENT      = SAMPLES * INPUT_BEATS * S_WORDS;
  localparam RECEIVED  = SAMPLES * OUTPUT_BEATS * M_WORDS;

  reg [INPUT_TDATA-1:0]        inputs [0:SAMPLES*INPUT_BEATS-1];
  reg [OUTPUT_TDATA-1:0]       expected [0:SAMPLES*OUTPUT_BEATS-1];
  reg [8*S_BYTES*S_WORDS-1:0]  in_beat;
  reg [8*M_BYTES*M_WORDS-1:0]  out_beat;

  reg clk = 1'b0;
  reg resetn = 1'b0;
  always #5 clk = !clk;

  reg  [4:0]           awaddr, araddr;
  reg                  awvalid = 1'b0, wvalid = 1'b0, bready = 1'b0, arvalid = 1'b0, rready = 1'b0;
  wire                 awready, wready, bvalid, arready, rvalid;
  reg  [31:0]          wdata;
  wire [31:0]          rdata;
  wire [1:0]           bresp, rresp;
  reg  [8*S_BYTES-1:0] s_data;
  reg                  s_valid = 1'b0;
  wire                 s_ready;
  wire [8*M_BYTES-1:0] m_data;
  wire [M_BYTES-1:0]   m_keep;
  wire                 m_valid, m_last;
  reg                  m_ready = 1'b0;

  helu_axi dut (
    .aclk(clk), .aresetn(resetn),
    .s_axi_awaddr(awaddr), .s_axi_awvalid(awvalid), .s_axi_awready(awready),
    .s_axi_wdata(wdata), .s_axi_wstrb(4'hf), .s_axi_wvalid(wvalid), .s_axi_wready(wready),
    .s_axi_bresp(bresp), .s_axi_bvalid(bvalid), .s_axi_bready(bready),
    .s_axi_araddr(araddr), .s_axi_arvalid(arvalid), .s_axi_arready(arready),
    .s_axi_rdata(rdata), .s_axi_rresp(rresp), .s_axi_rvalid(rvalid), .s_axi_rready(rready),
    .s_axis_tdata(s_data), .s_axis_tvalid(s_valid), .s_axis_tready(s_ready), .s_axis_tlast(1'b0),
    .m_axis_tdata(m_data), .m_axis_tkeep(m_keep), .m_axis_tvalid(m_valid), .m_axis_tready(m_ready),
    .m_axis_tlast(m_last));

  integer errors = 0;
  integer seed = 1;
  integer sent, taken, received, stop;

  // A clock whose every signal is settled: what is driven here changes behind the rising edge.
  task step;
    begin
      @(posedge clk);
      #1;
    end
  endtask

  task write(input [4:0] address, input [31:0] data);
    begin
      // The address comes first, the data later: a slave may get them in any order.
      awaddr  = address;
      awvalid = 1'b1;
      step;
      wdata   = data;
      wvalid  = 1'b1;
      #1;
      while (!(awready && wready)) step;
      step;
      awvalid = 1'b0;
      wvalid  = 1'b0;
      step;
      if (!bvalid || bresp != 0) fail("no answer to a write");
      bready  = 1'b1;
      step;
      bready  = 1'b0;
      if (bvalid) fail("a second answer to a write");
    end
  endtask

  task expect_register(input [4:0] address, input [31:0] data);
    begin
      araddr  = address;
      arvalid = 1'b1;
      #1;
      while (!arready) step;
      step;
      arvalid = 1'b0;
      step;
      if (!rvalid || rresp != 0) fail("no answer to a read");
      if (rdata !== data) begin
        fail("a register's value");
        $display("  %h is %h, expected %h", address, rdata, data);
      end
      rready = 1'b1;
      step;
      rready = 1'b0;
      if (rvalid) fail("a second answer to a read");
    end
  endtask

  task fail(input [8*32-1:0] what);
    begin
      errors = errors + 1;
      $display("FAIL: %0s", what);
    end
  endtask

  // Streams until so many words have been taken and all answers are there.
  task stream(input integer words, input integer answers);
    begin
      sent     = 0;
      taken    = 0;
      received = 0;
      stop     = 0;
      s_valid  = 1'b0;
      while ((taken < words || received < answers) && stop < LIMIT) begin
        if (s_valid && taken == sent) s_valid = 1'b0;
        if (!s_valid && sent < words && ($random(seed) & 3) != 0) begin
          in_beat = {8*S_BYTES*S_WORDS{1'b1}};  // what is beyond a beat must not matter
          in_beat[INPUT_TDATA-1:0] = inputs[sent / S_WORDS];
          s_data  = in_beat >> sent % S_WORDS * 64;
          s_valid = 1'b1;
          sent    = sent + 1;
        end
        m_ready = ($random(seed) & 3) != 0;
        #1;
        if (s_valid && s_ready) taken = taken + 1;
        if (m_valid && m_ready) begin
          out_beat = expected[received / M_WORDS];
          out_beat = out_beat >> received % M_WORDS * 64;
          if (m_data !== out_beat[8*M_BYTES-1:0]) fail("a word of an answer");
          if (m_last !== (received == RECEIVED - 1)) fail("the end of a packet");
          if (m_keep !== {M_BYTES{1'b1}}) fail("a word's valid bytes");
          received = received + 1;
        end
        stop = stop + 1;
        step;
      end
      s_valid = 1'b0;
      m_ready = 1'b0;
      if (stop == LIMIT) fail("stuck");
    end
  endtask

  initial begin
    $readmemh("tb_input.mem", inputs);
    $readmemh("tb_expected.mem", expected);
    repeat (4) step;
    resetn = 1'b1;
    step;
    expect_register(5'h00, 32'h48454c55);
    expect_register(5'h04, SENT / SAMPLES * S_BYTES);
    expect_register(5'h08, RECEIVED / SAMPLES * M_BYTES);
    expect_register(5'h10, 1);
    write(5'h10, SAMPLES);
    expect_register(5'h10, SAMPLES);
    stream(SENT, RECEIVED);
    expect_register(5'h14, SAMPLES);
    // Some words of a sample, then a reset: nothing of them may be left.
    stream((SENT / SAMPLES + 1) / 2, 0);
    write(5'h0c, 1);
    expect_register(5'h0c, 1);
    repeat (4) step;
    if (s_ready || m_valid) fail("a stream moves in reset");
    write(5'h0c, 0);
    expect_register(5'h14, 0);
    stream(SENT, RECEIVED);
    expect_register(5'h14, SAMPLES);
    if (errors == 0)
      $display("PASS: %0d samples", SAMPLES);
    $finish;
  end
endmodule

`default_nettype wire
