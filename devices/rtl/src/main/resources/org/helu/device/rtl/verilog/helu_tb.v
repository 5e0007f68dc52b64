// Streams SAMPLES vectors through helu_top, holds both streams back at random, compares every beat.
// Prints PASS and ends, or FAIL and what differs.
//
//   iverilog -g2005 -o tb helu_*.v && vvp tb [+stall=0..255] [+seed=N]
//   verilator --binary --timing -Wno-fatal --top-module helu_tb helu_*.v && obj_dir/Vhelu_tb

`timescale 1ns / 1ps

module helu_tb;
  `include "helu_params.vh"
  `include "helu_tb.vh"
  localparam INPUTS  = SAMPLES * INPUT_BEATS;
  localparam OUTPUTS = SAMPLES * OUTPUT_BEATS;

  reg [INPUT_TDATA-1:0]  inputs [0:INPUTS-1];
  reg [OUTPUT_TDATA-1:0] expected [0:OUTPUTS-1];

  reg clk = 1'b0;
  reg resetn = 1'b0;
  always #5 clk = !clk;

  reg  [INPUT_TDATA-1:0]  s_data = {INPUT_TDATA{1'b0}};
  reg                     s_valid = 1'b0;
  reg                     s_last = 1'b0;
  wire                    s_ready;
  wire [OUTPUT_TDATA-1:0] m_data;
  wire                    m_valid;
  wire                    m_last;
  reg                     m_ready = 1'b0;

  helu_top dut (
    .aclk(clk), .aresetn(resetn),
    .s_axis_tdata(s_data), .s_axis_tvalid(s_valid), .s_axis_tready(s_ready), .s_axis_tlast(s_last),
    .m_axis_tdata(m_data), .m_axis_tvalid(m_valid), .m_axis_tready(m_ready), .m_axis_tlast(m_last));

  integer stall = 64;
  integer seed = 1;
  integer sent = 0;
  integer taken = 0;
  integer received = 0;
  integer errors = 0;
  integer clocks = 0;
  reg                    waiting = 1'b0;
  reg [OUTPUT_TDATA-1:0] held;

  initial begin
    if ($value$plusargs("stall=%d", stall)) ;
    if ($value$plusargs("seed=%d", seed)) ;
    $readmemh("tb_input.mem", inputs);
    $readmemh("tb_expected.mem", expected);
    repeat (4) @(posedge clk);
    @(negedge clk) resetn = 1'b1;
  end

  // Both ends move at the falling edge, so nothing races with the design.
  always @(negedge clk)
    if (resetn) begin
      if (s_valid && taken == sent)
        s_valid = 1'b0;
      if (!s_valid && sent < INPUTS && ($random(seed) & 255) >= stall) begin
        s_valid = 1'b1;
        s_data  = inputs[sent];
        s_last  = sent % INPUT_BEATS == INPUT_BEATS - 1;
        sent    = sent + 1;
      end
      m_ready = ($random(seed) & 255) >= stall;
    end

  always @(posedge clk)
    if (resetn) begin
      clocks = clocks + 1;
      if (s_valid && s_ready)
        taken = taken + 1;
      if (waiting && (!m_valid || m_data !== held)) begin
        errors = errors + 1;
        $display("FAIL: beat %0d was taken back", received);
      end
      waiting = m_valid && !m_ready;
      held    = m_data;
      if (m_valid && m_ready) begin
        if (m_data !== expected[received]) begin
          errors = errors + 1;
          $display("FAIL: beat %0d is %h, expected %h", received, m_data, expected[received]);
        end
        if (m_last !== (received % OUTPUT_BEATS == OUTPUT_BEATS - 1)) begin
          errors = errors + 1;
          $display("FAIL: beat %0d has tlast %b", received, m_last);
        end
        received = received + 1;
        if (received == OUTPUTS) begin
          if (errors == 0)
            $display("PASS: %0d samples in %0d clocks", SAMPLES, clocks);
          $finish;
        end
      end
      if (clocks > LIMIT) begin
        $display("FAIL: stuck after %0d of %0d beats", received, OUTPUTS);
        $finish;
      end
    end
endmodule
